//! The arguments of the attributes, as data.
//!
//! They are first parsed as written (`raw`), then validated into a configuration for each
//! attribute. The configurations contain no generated code.

mod backoff;
mod block;
mod dependency;
mod derive;
mod error_type;
mod events;
mod krate;
mod label;
mod llm;
mod outcome;
mod raw;
mod results;
mod retry;
mod suggest;
mod tracked;

pub(crate) use backoff::{DurationArg, Factor, GeneratedLoop};
pub(crate) use block::BlockArgs;
pub(crate) use derive::{ErrorTypeArgs, LabelArm, LabelSource};
pub(crate) use events::{Event, EventArgs};
pub(crate) use label::Label;
pub(crate) use llm::LlmArgs;
pub(crate) use outcome::{ErrorLabel, OutcomeArgs, OutcomeRule};
pub(crate) use retry::RetryArgs;
pub(crate) use tracked::{TrackedArgs, ends_with_stream, is_skip};
