//! LLM calls in depth: durations, failures, tokens and times to the first chunk.

#[path = "llm/attribute.rs"]
mod attribute;
#[path = "llm/guard.rs"]
mod guard;
#[path = "llm/read.rs"]
mod read;
#[cfg(feature = "stream")]
#[path = "llm/streams.rs"]
mod streams;
#[path = "llm/summary.rs"]
mod summary;
