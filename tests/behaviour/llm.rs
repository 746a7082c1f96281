//! LLM calls in depth: durations, failures, tokens and times to the first chunk.

#[path = "llm/guard.rs"]
mod guard;
#[path = "llm/read.rs"]
mod read;
#[path = "llm/summary.rs"]
mod summary;
