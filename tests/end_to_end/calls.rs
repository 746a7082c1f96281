//! Checks all counts after 200 concurrent calls of a real MCP client and some cancelled calls of
//! another client.

use mcp_metrics_tests::Scrape;
use serde_json::{Value, json};

use crate::drive::{Call, Client, Era, Hub, Outcome, assert_sum, assert_value, call};

/// Returns `count` calls of a tool. The arguments of the `n`th call are `arguments(n)`.
fn times(count: u32, tool: &'static str, arguments: impl Fn(u32) -> Value) -> Vec<Call> {
    (0..count).map(|n| call(tool, arguments(n))).collect()
}

/// Returns 200 calls with the outcomes of [`OUTCOMES`]. Arguments of cached tools are distinct, so
/// that no count depends on the order of the calls.
fn two_hundred() -> Vec<Call> {
    let source = json!([{ "title": "Metric types", "publisher": "Prometheus" }]);
    let calls = [
        times(
            40,
            "web_search",
            |n| json!({ "query": "histogram", "limit": n + 1 }),
        ),
        times(
            40,
            "llm_processor",
            |n| json!({ "prompt": format!("Why count {n} calls?") }),
        ),
        times(
            30,
            "code_runner",
            |n| json!({ "script": format!("{n} + 1") }),
        ),
        times(
            30,
            "question_enhancer",
            |n| json!({ "question": format!("What is {n}?") }),
        ),
        times(30, "citation_formatter", |_| json!({ "sources": source })),
        times(10, "code_runner", |_| json!({ "script": "1 / 0" })),
        times(10, "question_enhancer", |_| json!({ "question": "" })),
        times(3, "web_search", |_| json!({ "query": 3 })),
        times(4, "fault", |_| json!({ "kind": "panic" })),
        times(3, "no_such_tool", |_| json!({})),
    ]
    .concat();
    assert_eq!(calls.len(), 200);
    calls
}

/// Outcomes of [`two_hundred`]: errors of agents and invalid arguments are tool results; panics and
/// unknown tools are protocol errors.
const OUTCOMES: [(usize, Outcome); 3] = [
    (170, Outcome::Success),
    (23, Outcome::Error),
    (7, Outcome::Refused),
];

/// Checks the counts after [`two_hundred`] and three cancelled calls. Calls with invalid arguments
/// and calls of unknown tools do not reach an agent.
fn check_two_hundred(scrape: &Scrape) {
    scrape.requests("web_search", "search").assert(40, &[]);
    scrape.requests("llm_processor", "process").assert(40, &[]);
    scrape
        .requests("code_runner", "execute")
        .assert(30, &[("Runtime", 10)]);
    scrape
        .requests("question_enhancer", "enhance")
        .assert(30, &[("EmptyQuestion", 10)]);
    scrape
        .requests("citation_formatter", "format")
        .assert(30, &[]);
    scrape
        .requests("fault", "fault")
        .assert(0, &[("cancelled", 3), ("panic", 4)]);
    scrape.requests("orchestrator", "research").assert(0, &[]);
    assert_sum(scrape, "mcp_hub_requests_total", 197);

    let model = [("provider", "local"), ("model", "extractive")];
    assert_value(scrape, "mcp_hub_llm_api_calls_total", &model, 40);
    assert_value(scrape, "mcp_hub_search_api_calls_total", &[], 40);
    assert_value(
        scrape,
        "mcp_hub_code_executions_total",
        &[("status", "success")],
        30,
    );
    assert_value(
        scrape,
        "mcp_hub_code_executions_total",
        &[("status", "failure")],
        10,
    );
    assert_value(
        scrape,
        "mcp_hub_cache_misses_total",
        &[("cache_type", "llm")],
        40,
    );
    assert_value(
        scrape,
        "mcp_hub_cache_misses_total",
        &[("cache_type", "search")],
        40,
    );
    assert_sum(scrape, "mcp_hub_cache_hits_total", 0);
    assert_sum(scrape, "mcp_hub_retries_total", 0);
    assert_sum(scrape, "mcp_hub_retries_exhausted_total", 0);
}

/// Runs [`two_hundred`] concurrently, with three more calls in flight meanwhile.
fn check_concurrent_calls(era: Era) {
    let hub = Hub::start(&["--test-tools"]);
    let clients = (Client::connect(&hub, era), Client::connect(&hub, era));
    let (Some(mut client), Some(mut other)) = clients else {
        return;
    };
    other.begin(&times(
        3,
        "fault",
        |_| json!({ "kind": "sleep", "seconds": 600 }),
    ));
    hub.wait_for_active("fault", 3);

    let answers = client.call_all(&two_hundred());
    for (count, outcome) in OUTCOMES {
        let found = answers.iter().filter(|answer| answer.outcome == outcome);
        assert_eq!(found.count(), count, "{outcome:?}: {answers:#?}");
    }
    hub.wait_for_active("fault", 3);
    other.cancel();
    check_two_hundred(&hub.scrape_when_idle());
}

#[test]
fn concurrent_calls_in_a_session_are_counted_exactly() {
    check_concurrent_calls(Era::Sessions);
}

#[test]
fn concurrent_calls_without_a_session_are_counted_exactly() {
    check_concurrent_calls(Era::Stateless);
}
