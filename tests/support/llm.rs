//! Recordings in the families of LLM calls.

use mcp_metrics::{LlmCall, TokenUsage};
use metrics::histogram;

/// The model of the example hub, which has a price in the monitoring kit.
pub const PRICED: (&str, &str) = ("local", "extractive");
/// A model without a price in the monitoring kit, half of whose calls fail.
pub const UNPRICED: (&str, &str) = ("openai", "gpt-4");

/// Records a streamed call with tokens, which failed if there is an `error_type`.
pub fn call((provider, model): (&'static str, &'static str), error_type: Option<&'static str>) {
    let mut call = LlmCall::start(provider, model);
    call.first_chunk();
    call.tokens(TokenUsage {
        input: 1_000,
        output: 100,
    });
    match error_type {
        None => call.success(),
        Some(error_type) => call.failure(error_type),
    }
}

/// Records the time to the first chunk of a streamed call, without the call.
pub fn first_chunk((provider, model): (&'static str, &'static str), seconds: f64) {
    let labels = [
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", provider),
        ("gen_ai_request_model", model),
    ];
    histogram!(
        "gen_ai_client_operation_time_to_first_chunk_seconds",
        &labels
    )
    .record(seconds);
}

/// Records calls of both models.
pub fn everything() {
    call(PRICED, None);
    call(UNPRICED, None);
    call(UNPRICED, Some("Timeout"));
}
