use mcp_metrics::{TokenUsage, tracked_llm};

#[tracked_llm("openai", "gpt-4", usage = "prompt_tokens")]
fn literal_usage() {}

#[tracked_llm("openai", "gpt-4", usage = |reply: &String| TokenUsage { input: 1, output: 1 })]
fn usage_of_another_type() -> u8 {
    1
}

#[tracked_llm("openai", "gpt-4", usage = |reply| reply.len())]
fn usage_is_no_usage() -> Result<String, std::fmt::Error> {
    Ok(String::new())
}

#[tracked_llm("openai", "gpt-4", operation = "")]
fn empty_operation() {}

#[tracked_llm("openai", "gpt-4", stream)]
fn no_stream() -> u8 {
    1
}

#[tracked_llm("openai", "gpt-4", ok_if_dropped)]
async fn nothing_to_drop() -> Result<u8, std::fmt::Error> {
    Ok(1)
}

#[tracked_llm("openai", "gpt-4", ok_if = |_| true, error_if = |_| false)]
fn both_predicates() -> u8 {
    1
}

#[tracked_llm("openai", model)]
fn borrowed_model(model: &str) {
    let _ = model;
}

fn main() {
    literal_usage();
    usage_of_another_type();
    empty_operation();
    no_stream();
}
