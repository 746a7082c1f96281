//! The hub's language model: the local one, and an OpenAI-compatible API.

use mcp_metrics_tests::Scrape;
use serde_json::json;

use crate::drive::{Client, Era, Hub, Outcome, StandIn, assert_sum, assert_value};

const DURATIONS: &str = "gen_ai_client_operation_duration_seconds_count";
const TOKENS: &str = "gen_ai_client_token_usage_sum";

/// Asserts the ended calls of a model, by `error_type`, which is empty for successes, and that each
/// call was counted when it started.
#[track_caller]
fn assert_calls(scrape: &Scrape, (provider, model): (&str, &str), ended: &[(&str, u32)]) {
    let labels = [
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", provider),
        ("gen_ai_request_model", model),
    ];
    for (error_type, count) in ended {
        let failed = [&labels[..], &[("error_type", error_type)]].concat();
        let series = if error_type.is_empty() {
            &labels
        } else {
            &failed[..]
        };
        assert_value(scrape, DURATIONS, series, *count);
    }
    let count = ended.iter().map(|(_, count)| count).sum();
    assert_sum(scrape, DURATIONS, count);
    let started = [("provider", provider), ("model", model)];
    assert_value(scrape, "mcp_hub_llm_api_calls_total", &started, count);
    assert_sum(scrape, "mcp_hub_llm_api_calls_total", count);
}

/// Returns the tokens of prompts and of replies.
fn tokens(scrape: &Scrape) -> (f64, f64) {
    let sum = |token_type| scrape.sum(TOKENS, &[("gen_ai_token_type", token_type)]);
    (sum("input"), sum("output"))
}

#[test]
fn calls_of_the_local_model_are_measured_with_words_as_tokens() {
    let hub = Hub::start(&[]);
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    let prompt = json!({ "prompt": "Is tea hot?", "context": "Tea is hot. Tea is hot." });
    // The second answer is from the cache.
    for _ in 0..2 {
        let answer = client.call("llm_processor", prompt.clone());
        assert_eq!(answer.data["text"], "Tea is hot.", "{answer:?}");
    }
    let scrape = hub.scrape_when_idle();
    assert_calls(&scrape, ("local", "extractive"), &[("", 1)]);
    assert_eq!(tokens(&scrape), (9.0, 3.0));
}

#[test]
fn each_attempt_of_the_api_is_measured_with_its_outcome_and_tokens() {
    let api = StandIn::start(|_, before| {
        Some(match before {
            0 => ("429 Too Many Requests", "slow down"),
            1 => ("503 Service Unavailable", ""),
            2 => (
                "200 OK",
                r#"{"choices":[{"message":{"content":"One"}}],
                    "usage":{"prompt_tokens":1200,"completion_tokens":34,"total_tokens":1234}}"#,
            ),
            // Neither a missing nor an incomplete usage fails the call.
            3 => ("200 OK", r#"{"choices":[{"message":{"content":"Two"}}]}"#),
            4 => (
                "200 OK",
                r#"{"choices":[{"message":{"content":"Three"}}],"usage":{"prompt_tokens":5}}"#,
            ),
            5 => ("401 Unauthorized", "invalid key"),
            _ => ("200 OK", "not JSON"),
        })
    });
    let hub = Hub::start(&["--llm-base-url", &format!("{}/v1", api.url())]);
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    for (prompt, text) in [("a", "One"), ("b", "Two"), ("c", "Three")] {
        let answer = client.call("llm_processor", json!({ "prompt": prompt }));
        assert_eq!(answer.data["text"], text, "{answer:?}");
    }
    for prompt in ["d", "e"] {
        let answer = client.call("llm_processor", json!({ "prompt": prompt }));
        assert_eq!(answer.outcome, Outcome::Error, "{answer:?}");
    }
    let received = api.received();
    let received: Vec<_> = received.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(received, ["POST /v1/chat/completions"; 7]);
    let scrape = hub.scrape_when_idle();
    let ended = [
        ("", 3),
        ("BadReply", 1),
        ("RateLimited", 1),
        ("Unauthorized", 1),
        ("Unavailable", 1),
    ];
    assert_calls(&scrape, ("openai", "gpt-4o-mini"), &ended);
    assert_eq!(tokens(&scrape), (1205.0, 34.0));
    // The requests of the agent are those of its clients, whatever the number of attempts.
    let requests = scrape.requests("llm_processor", "process");
    requests.assert(3, &[("BadReply", 1), ("Unauthorized", 1)]);
}
