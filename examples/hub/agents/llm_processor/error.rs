//! Why a model gave no answer.

use mcp_metrics::ErrorType;

/// Why a model gave no answer.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum LlmError {
    /// Nothing but white space.
    #[error("the prompt is empty")]
    EmptyPrompt,
    /// More text than any model takes.
    #[error("prompt and context have {length} characters, at most {limit} are taken")]
    PromptTooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Status 429.
    #[error("the language model is rate limited: {0}")]
    RateLimited(String),
    /// Status 5xx, or no connection.
    #[error("the language model is unavailable: {0}")]
    Unavailable(String),
    /// No answer in time.
    #[error("the language model did not answer in time")]
    Timeout(#[source] reqwest::Error),
    /// Status 401 or 403.
    #[error("the language model refused the API key: {0}")]
    Unauthorized(String),
    /// Any other refusal.
    #[error("the language model refused the request with status {status}: {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the API said.
        detail: String,
    },
    /// An answer that isn't one.
    #[error("the language model's answer is not understood: {0}")]
    BadReply(String),
}

impl LlmError {
    /// Whether the same call may well succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RateLimited(_) | Self::Unavailable(_) | Self::Timeout(_)
        )
    }
}
