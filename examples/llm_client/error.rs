//! Errors of LLM calls.

use std::error::Error;

use mcp_metrics::ErrorType;
use reqwest::{Response, StatusCode};

use super::wire::ErrorBody;

/// An error of an LLM call. The names of the variants are the values of the label `error_type`.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum LlmError {
    /// Status 401 or 403.
    #[error("the API key was rejected: {0}")]
    Unauthorized(String),
    /// Status 429.
    #[error("too many requests or tokens: {0}")]
    RateLimited(String),
    /// Status 5xx.
    #[error("the server failed with status {status}: {message}")]
    Unavailable { status: u16, message: String },
    /// Any other status that is not a success.
    #[error("the request was rejected with status {status}: {message}")]
    Rejected { status: u16, message: String },
    /// There is no connection, or it broke before the response.
    #[error("the connection failed")]
    Connection(#[source] reqwest::Error),
    /// The connection broke during the reply.
    #[error("the connection broke during the reply")]
    Disconnected(#[source] Box<dyn Error + Send + Sync>),
    /// A streamed reply ended without its last event.
    #[error("the reply is incomplete")]
    Truncated,
    /// The server reported an error in a streamed reply.
    #[error("the server aborted the reply: {0}")]
    Aborted(String),
    /// There was no response, or no further part of it, in time.
    #[error("the call timed out")]
    Timeout(#[source] reqwest::Error),
    /// The reply is not in the format of the API.
    #[error("the reply is invalid")]
    BadReply(#[source] Box<dyn Error + Send + Sync>),
}

impl LlmError {
    /// Converts a response with an error status.
    pub(super) async fn of_response(response: Response) -> Self {
        let status = response.status();
        // Proxies send other bodies than the API, which this error does not need.
        let body = response.json::<ErrorBody>().await;
        let message = body.map_or_else(|_| "no details".to_owned(), |body| body.error.message);
        let code = status.as_u16();
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::Unauthorized(message),
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited(message),
            _ if status.is_server_error() => Self::Unavailable {
                status: code,
                message,
            },
            _ => Self::Rejected {
                status: code,
                message,
            },
        }
    }
}

impl From<reqwest::Error> for LlmError {
    fn from(error: reqwest::Error) -> Self {
        let of_format = |error: &reqwest::Error| {
            let source = error.source();
            source.is_some_and(<dyn Error>::is::<serde_json::Error>)
        };
        if error.is_timeout() {
            Self::Timeout(error)
        } else if of_format(&error) {
            Self::BadReply(error.into())
        } else if error.is_body() || error.is_decode() {
            Self::Disconnected(error.into())
        } else {
            Self::Connection(error)
        }
    }
}

impl From<sse_stream::Error> for LlmError {
    fn from(error: sse_stream::Error) -> Self {
        match error {
            sse_stream::Error::Body(cause) => match cause.downcast::<reqwest::Error>() {
                Ok(error) if error.is_timeout() => Self::Timeout(*error),
                Ok(error) => Self::Disconnected(error),
                Err(cause) => Self::Disconnected(cause),
            },
            // The other errors are those of the format.
            error => Self::BadReply(error.into()),
        }
    }
}

impl From<serde_json::Error> for LlmError {
    fn from(error: serde_json::Error) -> Self {
        Self::BadReply(error.into())
    }
}
