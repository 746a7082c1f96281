//! Failed assertions about requests.

use mcp_metrics::testing::{Requests, record};
use mcp_metrics::track_request;

use super::message;

/// Records requests with these outcomes: `None` succeeds.
fn requests(agent: &'static str, operation: &'static str, outcomes: &[Option<&'static str>]) {
    for outcome in outcomes {
        let request = track_request(agent, operation).start();
        match outcome {
            None => request.success(),
            Some(error_type) => request.failure(*error_type),
        }
    }
}

fn planned() {
    requests("planner", "plan", &[None, Some("Timeout"), Some("Timeout")]);
    requests("web_search", "search", &[None]);
}

#[test]
fn message_names_the_requests_and_what_differs() {
    assert_eq!(
        message(planned, |metrics| {
            metrics
                .requests("planner", "plan")
                .assert(2, &[("Timeout", 1)]);
        }),
        "requests of agent `planner`, operation `plan`\n\
         expected: 3 (2 succeeded, 1 failed as Timeout, 3 observed, 0 active)\n\
         recorded: 3 (1 succeeded, 2 failed as Timeout, 3 observed, 0 active)",
    );
    assert_eq!(
        message(planned, |metrics| {
            metrics.requests("planner", "plan").assert_success(3);
        }),
        "requests of agent `planner`, operation `plan`\n\
         expected: 3 succeeded\n\
         recorded: 3 (1 succeeded, 2 failed as Timeout, 3 observed, 0 active)",
    );
    assert_eq!(
        message(planned, |metrics| {
            metrics
                .requests("planner", "plan")
                .assert_failed("Timeout", 1);
        }),
        "requests of agent `planner`, operation `plan`\n\
         expected: 1 failed as Timeout\n\
         recorded: 3 (1 succeeded, 2 failed as Timeout, 3 observed, 0 active)",
    );
}

#[test]
fn assertions_of_one_outcome_allow_others() {
    let ((), metrics) = record(|| {
        planned();
        requests("planner", "plan", &[Some("panic")]);
    });
    let plan = metrics.requests("planner", "plan");
    plan.assert_success(1)
        .assert_failed("Timeout", 2)
        .assert_failed("panic", 1)
        .assert_failed("cancelled", 0);
    plan.assert(1, &[("Timeout", 1), ("panic", 1), ("Timeout", 1)]);
    metrics.requests("planner", "other").assert_success(0);
}

#[test]
fn assertion_during_a_request_counts_what_has_ended() {
    let (request, metrics) = record(|| {
        planned();
        track_request("planner", "plan").start()
    });
    let plan = metrics.requests("planner", "plan");
    plan.assert_success(1).assert_failed("Timeout", 2);
    assert_eq!((plan.total, plan.active), (4, 1));
    metrics.run(|| request.success());
    metrics
        .requests("planner", "plan")
        .assert(2, &[("Timeout", 2)]);
}

/// Returns the notes of a failed assertion about requests that were not recorded.
fn notes(body: impl FnOnce(), agent: &str, operation: &str) -> String {
    let message = message(body, |metrics| {
        metrics.requests(agent, operation).assert(1, &[]);
    });
    let (numbers, notes) = message.split_once("\nnote: ").expect("a note");
    assert_eq!(
        numbers,
        format!(
            "requests of agent `{agent}`, operation `{operation}`\n\
             expected: 1 (1 succeeded, 1 observed, 0 active)\n\
             recorded: 0 (0 succeeded, 0 observed, 0 active)"
        )
    );
    notes.to_owned()
}

#[test]
fn absent_requests_list_the_recorded_ones() {
    assert_eq!(
        notes(planned, "judge", "rate"),
        "agents and operations of the recorded requests: `planner` `plan`, `web_search` `search`",
    );
    assert_eq!(notes(|| (), "judge", "rate"), "no requests were recorded");
    let many = || {
        for operation in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
            requests("planner", operation, &[None]);
        }
    };
    assert_eq!(
        notes(many, "judge", "rate"),
        "agents and operations of the recorded requests: `planner` `a`, `planner` `b`, \
         `planner` `c`, `planner` `d`, `planner` `e`, `planner` `f`, `planner` `g`, `planner` `h` \
         and 2 more",
    );
}

#[test]
fn absent_requests_suggest_the_nearest_ones() {
    for (agent, operation) in [
        ("planer", "plan"),
        ("planner", "plna"),
        ("Planner", "Plan"),
        ("plan", "planner"),
    ] {
        assert_eq!(
            notes(planned, agent, operation),
            format!(
                "no requests of agent `{agent}`, operation `{operation}` were recorded; did you \
                 mean agent `planner`, operation `plan`?\n\
                 note: agents and operations of the recorded requests: `planner` `plan`, \
                 `web_search` `search`"
            ),
        );
    }
}

#[test]
fn absent_failure_suggests_the_nearest_error_type() {
    let body = || requests("planner", "plan", &[Some("Timeout"), Some("RateLimited")]);
    for (error_type, near) in [
        ("Timout", Some("Timeout")),
        ("timeout", Some("Timeout")),
        ("rate_limited", Some("RateLimited")),
        ("NotFound", None),
    ] {
        let near = near.map_or_else(String::new, |near| {
            format!("\nnote: no request failed as `{error_type}`; did you mean `{near}`?")
        });
        let recorded = "recorded: 2 (0 succeeded, 1 failed as RateLimited, 1 failed as Timeout, \
                        2 observed, 0 active)";
        let single = message(body, |metrics| {
            metrics
                .requests("planner", "plan")
                .assert_failed(error_type, 1);
        });
        let expected = format!("expected: 1 failed as {error_type}");
        let subject = "requests of agent `planner`, operation `plan`";
        assert_eq!(single, format!("{subject}\n{expected}\n{recorded}{near}"));
        let all = message(body, |metrics| {
            metrics
                .requests("planner", "plan")
                .assert(0, &[(error_type, 1)]);
        });
        let expected =
            format!("expected: 1 (0 succeeded, 1 failed as {error_type}, 1 observed, 0 active)");
        assert_eq!(all, format!("{subject}\n{expected}\n{recorded}{near}"));
    }
}

#[test]
fn requests_are_compared_by_labels_and_numbers() {
    let of = |body: fn()| record(body).1.requests("planner", "plan");
    let alone = of(|| requests("planner", "plan", &[None]));
    let beside = of(|| {
        requests("planner", "plan", &[None]);
        requests("web_search", "search", &[None]);
    });
    assert_eq!(alone, beside);
    assert_ne!(alone, of(planned));
    let ((), metrics) = record(|| requests("judge", "rate", &[None]));
    let judge = metrics.requests("judge", "rate");
    assert_ne!(alone, judge);
    assert_eq!((&*judge.agent, &*judge.operation), ("judge", "rate"));
    assert_eq!(
        format!("{judge:?}"),
        "Requests { agent: \"judge\", operation: \"rate\", total: 1, success: 1, failed: {}, \
         observed: 1, active: 0, .. }"
    );
    Requests::default().assert(0, &[]);
}
