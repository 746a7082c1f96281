//! An independent MCP client: the Python SDK, controlled through lines of JSON.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use mcp_metrics_tests::Process;
use serde_json::{Value, json};

use super::{hub::Hub, tools};

/// The protocol era of a client. Before its revision of July 2026, MCP had sessions, which begin
/// with `initialize`; hubs serve clients of both eras.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// With sessions.
    Sessions,
    /// Without sessions.
    Stateless,
}

impl Era {
    /// Returns the SDK's name of the era.
    fn mode(self) -> &'static str {
        match self {
            Self::Sessions => "legacy",
            Self::Stateless => "auto",
        }
    }

    /// Returns the protocol revision that the SDK and the hub negotiate.
    pub(crate) fn protocol(self) -> &'static str {
        match self {
            Self::Sessions => "2025-11-25",
            Self::Stateless => "2026-07-28",
        }
    }
}

/// A tool call: the name and the arguments.
pub(crate) type Call = (&'static str, Value);

/// Returns a tool call.
pub(crate) fn call(tool: &'static str, arguments: Value) -> Call {
    (tool, arguments)
}

/// The outcome of a call for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A result.
    Success,
    /// A result marked as an error: the tool failed.
    Error,
    /// A protocol error.
    Refused,
}

/// The response to a call.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The outcome.
    pub(crate) outcome: Outcome,
    /// The text for the model, or the error's message.
    pub(crate) text: String,
    /// The structured result.
    pub(crate) data: Value,
}

/// A running client.
#[derive(Debug)]
pub(crate) struct Client {
    /// The process.
    process: Process,
    /// Standard input, for commands. `None` after the end of the session.
    commands: Option<ChildStdin>,
    /// Standard output, for answers.
    answers: BufReader<ChildStdout>,
    /// The server's name, version, protocol and tools.
    pub(crate) hello: Value,
}

impl Client {
    /// Starts a client and connects it to a hub. Returns `None` if the SDK is missing and may be.
    pub(crate) fn connect(hub: &Hub, era: Era) -> Option<Self> {
        let mut command = Command::new(tools::python()?);
        command
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/end_to_end/client.py"))
            .args([&hub.url(), era.mode()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = Process::start("the client", &mut command);
        let commands = process.child.stdin.take();
        let answers = process.child.stdout.take().expect("piped output");
        let mut client = Self {
            process,
            commands,
            answers: BufReader::new(answers),
            hello: Value::Null,
        };
        client.hello = client.read();
        assert_eq!(client.hello["protocol"], era.protocol());
        Some(client)
    }

    /// Makes all calls concurrently and returns their answers, in the order of the calls.
    pub(crate) fn call_all(&mut self, calls: &[Call]) -> Vec<Answer> {
        let answers = self.send(&json!({ "call": calls }));
        let answers = answers.as_array().expect("an answer per call");
        assert_eq!(answers.len(), calls.len());
        answers.iter().map(answer).collect()
    }

    /// Makes one call and returns its answer.
    pub(crate) fn call(&mut self, tool: &'static str, arguments: Value) -> Answer {
        self.call_all(&[call(tool, arguments)]).remove(0)
    }

    /// Starts calls without waiting for their answers.
    pub(crate) fn begin(&mut self, calls: &[Call]) {
        self.send(&json!({ "begin": calls }));
    }

    /// Cancels the calls of the last [`begin`](Self::begin).
    pub(crate) fn cancel(&mut self) {
        self.send(&json!({ "cancel": true }));
    }

    /// Returns the methods of all messages sent to the hub, in order.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        let sent = self.send(&json!({ "sent": true }));
        let sent = sent.as_array().into_iter().flatten();
        sent.filter_map(|method| method.as_str().map(str::to_owned))
            .collect()
    }

    /// Ends the session, with any calls still in flight.
    pub(crate) fn end_session(mut self) {
        drop(self.commands.take());
        assert!(self.process.wait().success(), "the client failed");
    }

    /// Kills the client, as a crash would.
    pub(crate) fn kill(self) {
        drop(self.process);
    }

    /// Sends a command and returns the answer.
    fn send(&mut self, command: &Value) -> Value {
        let commands = self.commands.as_mut().expect("an open session");
        writeln!(commands, "{command}").expect("a running client");
        self.read()
    }

    /// Waits for an answer and returns it.
    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("an answer of the client");
        serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("expected JSON from the client, got {line:?}"))
    }
}

/// Parses the answer to a call.
fn answer(answer: &Value) -> Answer {
    let outcome = match answer["outcome"].as_str() {
        Some("Success") => Outcome::Success,
        Some("Error") => Outcome::Error,
        Some("Refused") => Outcome::Refused,
        other => panic!("unknown outcome: {other:?}"),
    };
    Answer {
        outcome,
        text: answer["text"].as_str().unwrap_or_default().to_owned(),
        data: answer["data"].clone(),
    }
}
