//! Clients that give up, leave or disappear while their calls are under way.

use serde_json::json;

use crate::drive::{Call, Client, Era, Hub, Outcome, call};

/// A call that outlasts every test.
fn long_call() -> Call {
    call("fault", json!({ "kind": "sleep", "seconds": 600 }))
}

/// A hub, and a client that has this many long calls under way there.
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

/// Checks that a hub is quiet again, and has counted this many cancellations and nothing else.
fn assert_cancelled(hub: &Hub, calls: u32) {
    hub.wait_for_active("fault", 0);
    hub.scrape()
        .requests("fault", "fault")
        .assert(0, &[("cancelled", calls)]);
}

#[test]
fn a_call_that_is_cancelled_in_a_session_is_dropped() {
    let Some((hub, mut client)) = busy(Era::Sessions, 1) else {
        return;
    };
    client.cancel();
    assert_cancelled(&hub, 1);
    // That is how clients cancel in a session; going away is not enough there.
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
    // The session lives on.
    assert_eq!(
        client.call("web_search", json!({ "query": "x y" })).outcome,
        Outcome::Success
    );
}

#[test]
fn a_call_that_is_cancelled_without_a_session_is_dropped() {
    let Some((hub, mut client)) = busy(Era::Stateless, 1) else {
        return;
    };
    client.cancel();
    assert_cancelled(&hub, 1);
    // Here the client closes the request's connection, and sends nothing.
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
fn many_calls_that_are_cancelled_at_once_are_counted_each() {
    for era in [Era::Sessions, Era::Stateless] {
        let Some((hub, mut client)) = busy(era, 20) else {
            return;
        };
        client.cancel();
        assert_cancelled(&hub, 20);
    }
}

#[test]
fn a_script_that_is_cancelled_stops_and_counts_as_a_failed_execution() {
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
    // The script itself ends on a thread of its own, a moment later.
    mcp_metrics_tests::eventually("the script has stopped", || {
        let scrape = hub.scrape();
        scrape.get("mcp_hub_code_executions_total", &[("status", "failure")]) == Some(1.0)
    });
}

#[test]
fn a_client_that_ends_its_session_cancels_its_calls() {
    let Some((hub, client)) = busy(Era::Sessions, 2) else {
        return;
    };
    client.leave();
    assert_cancelled(&hub, 2);
}

#[test]
fn a_client_that_disappears_without_a_session_cancels_its_calls() {
    let Some((hub, client)) = busy(Era::Stateless, 2) else {
        return;
    };
    client.kill();
    assert_cancelled(&hub, 2);
}

#[test]
fn a_client_that_disappears_from_a_session_may_come_back_for_its_answer() {
    let hub = Hub::start(&["--test-tools"]);
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    // MCP forbids to take a lost connection for a cancellation there: the call goes on to its end.
    client.begin(&[call("fault", json!({ "kind": "sleep", "seconds": 2 }))]);
    hub.wait_for_active("fault", 1);
    client.kill();
    hub.wait_for_active("fault", 0);
    hub.scrape().requests("fault", "fault").assert(1, &[]);
}
