//! The language model that finds the topic of a ticket. This one is a list of words.

use acme_telemetry::{ErrorType, TokenUsage, tracked_llm, tracked_retry};

/// An error of the model.
#[derive(Debug, PartialEq, Eq, ErrorType)]
pub(crate) enum ModelError {
    /// The model has no capacity.
    Overloaded,
}

/// The model's reply.
pub(crate) struct Reply {
    pub(crate) topic: &'static str,
    usage: TokenUsage,
}

/// Returns the topic of a ticket. Each attempt is a call of the model.
#[tracked_retry("model", attempts = 2, delay = "1ms")]
#[tracked_llm("acme", "triage-1", usage = |reply: &Reply| reply.usage)]
pub(crate) async fn classify(text: &str) -> Result<Reply, ModelError> {
    if text.contains("[overloaded]") {
        return Err(ModelError::Overloaded);
    }
    let topics = ["cable", "invoice", "password"];
    let topic = topics.into_iter().find(|topic| text.contains(topic));
    let input = text.split_whitespace().map(|_| 1).sum();
    Ok(Reply {
        topic: topic.unwrap_or("other"),
        usage: TokenUsage { input, output: 1 },
    })
}
