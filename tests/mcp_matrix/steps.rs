//! The steps of a drive.

use std::mem;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::drive::Drive;
use crate::situation::{Kind, Mode, Transport};

/// Runs all steps, and returns the answers of the client. Afterwards the client is killed.
pub(crate) fn run(drive: &mut Drive<'_>) -> Vec<(String, Value)> {
    drive.connect();
    requests(drive);
    panic(drive);
    cancellations(drive);
    timeout(drive);
    end(drive);
    if drive.situation.transport == Transport::Http {
        expiry(drive);
    }
    let answers = mem::take(&mut drive.answers);
    // It has no answers that could be compared with those of the bare server. A server in this
    // process would end with the client.
    let has_client = drive.situation.transport != Transport::Duplex;
    if has_client && drive.situation.mode != Mode::Bare {
        disconnect(drive);
    }
    answers
}

fn call(tool: &str) -> Value {
    json!({ "call": tool, "arguments": {} })
}

/// Requests that are answered.
fn requests(drive: &mut Drive<'_>) {
    let steps = [
        ("list", json!({ "list": "tools" })),
        (
            "fast",
            json!({ "call": "fast", "arguments": { "text": "hi" } }),
        ),
        (
            "bad arguments",
            json!({ "call": "fast", "arguments": { "text": 3 } }),
        ),
        ("unknown tool", call("invented")),
        ("malformed", json!({ "malformed": true })),
        ("fails", call("fails")),
        ("breaks", call("breaks")),
        ("progress", call("progress")),
        ("input required", call("input_required")),
        ("task", call("task")),
        ("prompts", json!({ "list": "prompts" })),
        ("prompt", json!({ "prompt": "greeting" })),
        ("unknown prompt", json!({ "prompt": "invented" })),
        ("resources", json!({ "list": "resources" })),
        ("resource", json!({ "read": "test://text" })),
        ("unknown resource", json!({ "read": "test://invented" })),
        ("ping", json!({ "ping": true })),
    ];
    for (step, command) in steps {
        drive.step(step, &command);
    }
    for tool in ["sampling", "elicitation", "roots"] {
        if drive.situation.has_one_handler() {
            drive.step(tool, &call(tool));
        } else if drive.situation.kind != Kind::Python1 {
            // The client's answer can't reach the call. The server refuses it with the status 400,
            // after which the Python SDK 1.30 sends nothing any more.
            drive.begin(tool);
            drive.command("cancel", &json!({ "cancel": true }));
        }
    }
    drive.check("unanswered");
}

/// A tool that panics: under supervision, the client is answered at once.
fn panic(drive: &mut Drive<'_>) {
    if drive.situation.is_supervised() {
        let began = Instant::now();
        let answer = drive.step("panic", &call("panics"));
        let elapsed = began.elapsed();
        assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
        assert_eq!(answer["error"]["code"], -32603, "{answer}");
    } else {
        drive.begin("panics");
        drive.check("panic");
        drive.step("abandoned panic", &json!({ "cancel": true }));
    }
}

/// Cancelled calls, of a tool that heeds it and of one that does not.
fn cancellations(drive: &mut Drive<'_>) {
    for tool in ["cancellable", "deaf"] {
        let dropped = drive.calls("deaf dropped");
        let cancelled = drive.calls("deaf cancelled");
        drive.begin(tool);
        drive.check("begin");
        drive.command("cancel", &json!({ "cancel": true }));
        if !drive.situation.cancel_reaches_call() {
            if tool == "deaf" {
                drive.command("release", &json!({ "read": "test://release" }));
            }
        } else if tool == "deaf" && drive.situation.is_supervised() {
            drive.wait_for("deaf dropped", dropped + 1);
        } else if tool == "deaf" {
            drive.wait_for("deaf cancelled", cancelled + 1);
            drive.check("deaf cancelled");
            drive.command("release", &json!({ "read": "test://release" }));
        }
        drive.check(&format!("cancelled {tool}"));
    }
}

/// A call whose client stops to wait.
fn timeout(drive: &mut Drive<'_>) {
    let (started, ended) = (drive.calls("deaf started"), drive.calls("deaf dropped"));
    let cancelled = drive.calls("deaf cancelled");
    if drive.situation.kind.is_raw() {
        // It has no clock of its own.
        drive.begin("deaf");
    }
    drive.command("timeout", &json!({ "timeout": "deaf" }));
    drive.wait_for("deaf started", started + 1);
    if !drive.situation.timeout_reaches_call() {
        drive.command("release", &json!({ "read": "test://release" }));
    } else if drive.situation.is_supervised() {
        drive.wait_for("deaf dropped", ended + 1);
    } else {
        drive.wait_for("deaf cancelled", cancelled + 1);
        drive.command("release", &json!({ "read": "test://release" }));
    }
    drive.check("timeout");
}

/// The client ends its session.
fn end(drive: &mut Drive<'_>) {
    drive.step("end", &json!({ "end": true }));
}

/// The server has ended the session, and the client does not know it.
fn expiry(drive: &mut Drive<'_>) {
    drive.connect();
    let server = drive.server.as_ref().expect("a server over HTTP");
    server.expire_sessions();
    drive.check("expired");
    let fast = json!({ "call": "fast", "arguments": { "text": "hi" } });
    drive.step("call after expiry", &fast);
    drive.step("end after expiry", &json!({ "end": true }));
}

/// The client crashes during a call.
fn disconnect(drive: &mut Drive<'_>) {
    drive.connect();
    let cancelled = drive.calls("deaf cancelled");
    let dropped = drive.calls("deaf dropped");
    drive.begin("deaf");
    drive.check("begin");
    drive.kill();
    let situation = drive.situation;
    let waits_for_client = situation.transport == Transport::Http && situation.has_sessions();
    match &drive.server {
        None => drive.wait_for_exit(),
        Some(server) if waits_for_client && situation.is_supervised() => {
            // The session ends before the call does.
            server.expire_sessions();
            drive.wait_for("deaf dropped", dropped + 1);
            drive.check("session ends during a call");
            return;
        }
        Some(server) if waits_for_client => server.release(),
        Some(_) if situation.is_supervised() => drive.wait_for("deaf dropped", dropped + 1),
        Some(server) => {
            drive.wait_for("deaf cancelled", cancelled + 1);
            server.release();
        }
    }
    drive.check("disconnect");
    if let Some(server) = drive.server.as_ref().filter(|_| waits_for_client) {
        server.expire_sessions();
        drive.check("expired");
    }
}
