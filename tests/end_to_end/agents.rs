//! Tests of the agents through a real MCP client: results and request counts.

use serde_json::json;

use crate::drive::{Client, Era, Hub, Outcome, assert_sum, assert_value};

#[test]
fn server_handshake_lists_its_name_and_tools() {
    let hub = Hub::start(&[]);
    for era in [Era::Sessions, Era::Stateless] {
        let Some(client) = Client::connect(&hub, era) else {
            return;
        };
        assert_eq!(client.hello["server"], "mcp-hub");
        let tools = [
            "citation_formatter",
            "code_runner",
            "hub_status",
            "llm_processor",
            "orchestrator",
            "question_enhancer",
            "web_search",
        ];
        assert_eq!(client.hello["tools"], json!(tools));
    }
    // Handshakes do not count as requests.
    assert_sum(&hub.scrape(), "mcp_hub_requests_total", 0);
}

#[test]
fn repeated_questions_are_cache_hits() {
    let hub = Hub::start(&[]);
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    for round in 0..3 {
        let found = client.call("web_search", json!({ "query": "counter" }));
        assert_eq!(found.data["cached"], round > 0);
        let summary = client.call("llm_processor", json!({ "prompt": "Why count?" }));
        assert_eq!(summary.data["cached"], round > 0);
    }
    let scrape = hub.scrape_when_idle();
    for cache in ["search", "llm"] {
        assert_value(
            &scrape,
            "mcp_hub_cache_misses_total",
            &[("cache_type", cache)],
            1,
        );
        assert_value(
            &scrape,
            "mcp_hub_cache_hits_total",
            &[("cache_type", cache)],
            2,
        );
    }
    assert_sum(&scrape, "mcp_hub_search_api_calls_total", 1);
    assert_sum(&scrape, "mcp_hub_llm_api_calls_total", 1);
    scrape.requests("web_search", "search").assert(3, &[]);
    scrape.requests("llm_processor", "process").assert(3, &[]);
}

#[test]
fn agent_chain_counts_requests_of_each_agent() {
    let hub = Hub::start(&[]);
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    let answer = client.call("orchestrator", json!({ "question": "push vs pull" }));
    assert_eq!(answer.outcome, Outcome::Success, "{answer:?}");
    let parts = answer.data["answers"].as_array().expect("answers");
    let answered = parts.iter().filter(|part| part["sources"] != json!([]));
    let (parts, answered) = (count(parts.iter()), count(answered));
    assert!(parts > 1 && answered > 0, "{answer:?}");

    let scrape = hub.scrape_when_idle();
    scrape.requests("orchestrator", "research").assert(1, &[]);
    scrape
        .requests("question_enhancer", "enhance")
        .assert(1, &[]);
    scrape.requests("web_search", "search").assert(parts, &[]);
    scrape
        .requests("llm_processor", "process")
        .assert(answered, &[]);
    scrape.requests("code_runner", "execute").assert(1, &[]);
    scrape
        .requests("citation_formatter", "format")
        .assert(1, &[]);
    assert_sum(&scrape, "mcp_hub_search_api_calls_total", parts);
    assert_sum(&scrape, "mcp_hub_llm_api_calls_total", answered);
    assert_value(
        &scrape,
        "mcp_hub_code_executions_total",
        &[("status", "success")],
        1,
    );
}

/// Returns the number of items.
fn count(items: impl Iterator) -> u32 {
    items.count().try_into().expect("a small number")
}

#[test]
fn retries_are_counted_per_attempt() {
    let hub = Hub::start(&["--llm-fault-rate", "1"]);
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    let answer = client.call("llm_processor", json!({ "prompt": "Why?" }));
    assert_eq!(answer.outcome, Outcome::Error, "{answer:?}");
    // A permanent error, so neither attempted nor retried.
    client.call("llm_processor", json!({ "prompt": "" }));

    let scrape = hub.scrape_when_idle();
    for attempt in ["1", "2", "3"] {
        let labels = [("service", "llm_api"), ("attempt", attempt)];
        assert_value(&scrape, "mcp_hub_retries_total", &labels, 1);
    }
    assert_sum(&scrape, "mcp_hub_retries_total", 3);
    assert_value(
        &scrape,
        "mcp_hub_retries_exhausted_total",
        &[("service", "llm_api")],
        1,
    );
    assert_sum(&scrape, "mcp_hub_llm_api_calls_total", 3);
    // The injected fault has one of these error types.
    let requests = scrape.requests("llm_processor", "process");
    let kind = if requests.failed.contains_key("RateLimited") {
        "RateLimited"
    } else {
        "Unavailable"
    };
    requests.assert(0, &[("EmptyPrompt", 1), (kind, 1)]);
}

#[test]
fn invalid_calls_return_descriptive_errors() {
    let hub = Hub::start(&["--test-tools"]);
    for era in [Era::Sessions, Era::Stateless] {
        let Some(mut client) = Client::connect(&hub, era) else {
            return;
        };
        let mut ends = |tool, arguments, outcome, text: &str| {
            let answer = client.call(tool, arguments);
            assert_eq!(answer.outcome, outcome, "{answer:?}");
            assert!(answer.text.contains(text), "{answer:?}");
        };
        ends(
            "web_search",
            json!({ "query": 3 }),
            Outcome::Error,
            "expected a string",
        );
        ends("web_search", json!({}), Outcome::Error, "query");
        ends(
            "web_search",
            json!({ "query": "the" }),
            Outcome::Error,
            "no word to search for",
        );
        ends(
            "code_runner",
            json!({ "script": "1 / 0" }),
            Outcome::Error,
            "Division by zero",
        );
        ends("no_such_tool", json!({}), Outcome::Refused, "not found");
        ends(
            "fault",
            json!({ "kind": "panic" }),
            Outcome::Refused,
            "fault panicked",
        );
        // The hub still serves this client.
        ends(
            "fault",
            json!({ "kind": "sleep", "seconds": 0 }),
            Outcome::Success,
            "slept",
        );
    }
    let scrape = hub.scrape_when_idle();
    scrape
        .requests("web_search", "search")
        .assert(0, &[("NothingToSearchFor", 2)]);
    scrape
        .requests("code_runner", "execute")
        .assert(0, &[("Runtime", 2)]);
    scrape.requests("fault", "fault").assert(2, &[("panic", 2)]);
    assert_sum(&scrape, "mcp_hub_requests_total", 8);
}
