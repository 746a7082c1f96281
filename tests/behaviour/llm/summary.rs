//! The summary of LLM calls.

use mcp_metrics::{Exporter, LlmCall, MetricsSummary, TokenUsage, track_llm_call};

#[test]
fn calls_are_summarized_by_provider_and_model() {
    let (recorder, exporter) = Exporter::builder().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        track_llm_call("b", "counted");
        for operation in ["chat", "embeddings"] {
            for model in ["large", "small"] {
                let mut call = LlmCall::start("a", model).operation(operation);
                call.first_chunk();
                call.tokens(TokenUsage {
                    input: 10,
                    output: 4,
                });
                call.success();
                LlmCall::start("a", model)
                    .operation(operation)
                    .failure("Timeout");
            }
        }
    });
    let summary = exporter.summary();
    let [large, small, counted] = &summary.llm_api_calls[..] else {
        panic!("expected three entries: {:?}", summary.llm_api_calls);
    };
    for (entry, model) in [(large, "large"), (small, "small")] {
        assert_eq!((&*entry.provider, &*entry.model), ("a", model));
        assert_eq!((entry.calls, entry.duration.count), (4, 4));
        assert_eq!(entry.failed, [("Timeout".to_owned(), 2)].into());
        assert_eq!((entry.input_tokens, entry.output_tokens), (20, 8));
        assert_eq!(entry.first_chunk.count, 2);
        let bound = entry.duration.quantile(0.99).unwrap();
        assert!(bound > 0.0 && bound <= 81.92, "{bound}");
    }
    assert_eq!((&*counted.model, counted.calls), ("counted", 1));
    assert_eq!(counted.duration.count, 0);
    assert_eq!(counted.duration.quantile(0.5), None);

    let json = serde_json::to_string(&summary).unwrap();
    let parsed: MetricsSummary = serde_json::from_str(&json).unwrap();
    assert_eq!(parsed, summary);
}

#[test]
fn entry_of_an_earlier_version_can_be_read() {
    let (_, exporter) = Exporter::builder().build().unwrap();
    let mut json = serde_json::to_value(exporter.summary()).unwrap();
    json["llm_api_calls"] =
        serde_json::json!([{ "provider": "openai", "model": "gpt-4", "calls": 3 }]);
    let summary: MetricsSummary = serde_json::from_value(json).unwrap();
    assert_eq!(summary.llm_api_calls[0].calls, 3);
    assert_eq!(summary.llm_api_calls[0].duration.count, 0);
}
