use mcp_metrics::{tracked_cache, tracked_execution, tracked_llm, tracked_search};

#[tracked_llm("openai")]
fn missing_model() {}

#[tracked_llm(provider = "openai", modle = "gpt-4")]
fn mistyped() {}

#[tracked_search("web")]
fn unexpected_label() {}

#[tracked_cache]
fn missing_cache_type() -> Option<u8> {
    None
}

#[tracked_cache("llm")]
fn no_option() -> u8 {
    1
}

#[tracked_execution]
struct NoFunction;

fn main() {
    missing_model();
    mistyped();
    unexpected_label();
    missing_cache_type();
}
