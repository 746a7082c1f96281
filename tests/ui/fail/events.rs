use mcp_metrics::{tracked_cache, tracked_execution, tracked_llm, tracked_search};

#[tracked_llm("openai")]
fn no_model() {}

#[tracked_llm(provider = "openai", modle = "gpt-4")]
fn mistyped() {}

#[tracked_search("web")]
fn no_labels_there() {}

#[tracked_cache]
fn no_type() -> Option<u8> {
    None
}

#[tracked_cache("llm")]
fn no_option() -> u8 {
    1
}

#[tracked_execution]
struct NoFunction;

fn main() {
    no_model();
    mistyped();
    no_labels_there();
    no_type();
}
