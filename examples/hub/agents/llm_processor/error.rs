//! Errors of language model calls.

use mcp_metrics::ErrorType;

/// An error of a language model call.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum LlmError {
    /// The prompt contains only white space.
    #[error("the prompt is empty")]
    EmptyPrompt,
    /// Prompt and context are too long.
    #[error("prompt and context have {length} characters; at most {limit} are allowed")]
    PromptTooLong {
        /// The number of characters.
        length: usize,
        /// The maximum number of characters.
        limit: usize,
    },
    /// Status 429.
    #[error("the language model is rate limited: {0}")]
    RateLimited(String),
    /// Status 5xx, or no connection.
    #[error("the language model is unavailable: {0}")]
    Unavailable(String),
    /// The call timed out.
    #[error("the call of the language model timed out")]
    Timeout(#[source] reqwest::Error),
    /// Status 401 or 403.
    #[error("the language model rejected the API key: {0}")]
    Unauthorized(String),
    /// Any other status that is not a success.
    #[error("the language model rejected the request with status {status}: {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The beginning of the response body.
        detail: String,
    },
    /// The response cannot be parsed or contains no text.
    #[error("invalid response from the language model: {0}")]
    BadReply(String),
}

impl LlmError {
    /// Returns whether a retry of the same call may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RateLimited(_) | Self::Unavailable(_) | Self::Timeout(_)
        )
    }
}
