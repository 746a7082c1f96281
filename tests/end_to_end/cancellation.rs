//! Clients that cancel, end their session or disconnect while calls are in flight.

use serde_json::json;

use crate::drive::{Call, Client, Era, Hub, Outcome, call};

/// Returns a call that lasts longer than any test.
fn long_call() -> Call {
    call("fault", json!({ "kind": "sleep", "seconds": 600 }))
}

/// Starts a hub and a client with `calls` long calls in flight.
fn busy(era: Era, calls: u32) -> Option<(Hub, Client)> {
    let hub = Hub::start(&["--test-tools"]);
    let mut client = Client::connect(&hub, era)?;
    client.begin(&vec![
        long_call();
        calls.try_into().expect("a small number")
    ]);
    hub.wait_for_active("fault", calls);
    Some((hub, client))
}

/// Checks that no call is in flight and that the hub counted exactly `calls` cancellations.
fn assert_cancelled(hub: &Hub, calls: u32) {
    hub.wait_for_active("fault", 0);
    hub.scrape()
        .requests("fault", "fault")
        .assert(0, &[("cancelled", calls)]);
}

#[test]
fn call_cancelled_in_a_session_is_dropped() {
    let Some((hub, mut client)) = busy(Era::Sessions, 1) else {
        return;
    };
    client.cancel();
    assert_cancelled(&hub, 1);
    // In a session, a client must send a cancellation; a disconnect does not cancel the call.
    let sent = client.sent();
    assert_eq!(
        sent.last().map(String::as_str),
        Some("notifications/cancelled"),
        "{sent:?}"
    );
    assert_eq!(
        sent.first().map(String::as_str),
        Some("initialize"),
        "{sent:?}"
    );
    // The session is still usable.
    assert_eq!(
        client.call("web_search", json!({ "query": "x y" })).outcome,
        Outcome::Success
    );
}

#[test]
fn call_cancelled_without_a_session_is_dropped() {
    let Some((hub, mut client)) = busy(Era::Stateless, 1) else {
        return;
    };
    client.cancel();
    assert_cancelled(&hub, 1);
    // Without a session, the client closes the request's connection and sends no cancellation.
    let sent = client.sent();
    assert!(
        !sent
            .iter()
            .any(|method| method.starts_with("notifications/")),
        "{sent:?}"
    );
    assert_eq!(
        client.call("web_search", json!({ "query": "x y" })).outcome,
        Outcome::Success
    );
}

#[test]
fn concurrently_cancelled_calls_are_each_counted() {
    for era in [Era::Sessions, Era::Stateless] {
        let Some((hub, mut client)) = busy(era, 20) else {
            return;
        };
        client.cancel();
        assert_cancelled(&hub, 20);
    }
}

#[test]
fn cancelled_script_stops_and_counts_as_a_failed_execution() {
    let hub = Hub::start(&[]);
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    let script = json!({ "script": "sleep(60_000)", "timeout_ms": 60_000 });
    client.begin(&[call("code_runner", script)]);
    hub.wait_for_active("code_runner", 1);
    client.cancel();
    hub.wait_for_active("code_runner", 0);
    hub.scrape()
        .requests("code_runner", "execute")
        .assert(0, &[("cancelled", 1)]);
    // The script runs on another thread and ends slightly later.
    mcp_metrics_tests::eventually("the script has stopped", || {
        let scrape = hub.scrape();
        scrape.get("mcp_hub_code_executions_total", &[("status", "failure")]) == Some(1.0)
    });
}

#[test]
fn client_that_ends_its_session_cancels_its_calls() {
    let Some((hub, client)) = busy(Era::Sessions, 2) else {
        return;
    };
    client.end_session();
    assert_cancelled(&hub, 2);
}

#[test]
fn client_disconnect_without_a_session_cancels_its_calls() {
    let Some((hub, client)) = busy(Era::Stateless, 2) else {
        return;
    };
    client.kill();
    assert_cancelled(&hub, 2);
}

#[test]
fn client_disconnect_in_a_session_does_not_cancel_its_call() {
    let hub = Hub::start(&["--test-tools"]);
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    // In a session, MCP forbids treating a disconnect as a cancellation: the call runs to its end.
    client.begin(&[call("fault", json!({ "kind": "sleep", "seconds": 2 }))]);
    hub.wait_for_active("fault", 1);
    client.kill();
    hub.wait_for_active("fault", 0);
    hub.scrape().requests("fault", "fault").assert(1, &[]);
}
