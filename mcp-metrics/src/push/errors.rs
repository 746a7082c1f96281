//! Errors of pushes.

use std::error::Error;

use super::client::Failure;

/// The last push of a program, or the deletion of its group, failed.
///
/// Returned by [`ShutdownReport`](crate::ShutdownReport). The gateway keeps the metrics of the last
/// successful push.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// The gateway did not respond in time.
    #[error("the Pushgateway did not respond in time at {url}")]
    Timeout {
        /// The URL of the group.
        url: String,
    },
    /// No response was received, for example because the connection was refused.
    #[error("no response from the Pushgateway at {url}")]
    NoResponse {
        /// The URL of the group.
        url: String,
        /// The error of the connection.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The gateway responded with an error, for example because it rejects a metric.
    #[error("the Pushgateway responded with status {status} at {url}: {body:?}")]
    Rejected {
        /// The URL of the group.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the response.
        body: String,
    },
    /// The thread that pushes panicked.
    #[error("the thread that pushes panicked")]
    Panicked,
}

impl PushError {
    pub(super) fn new(url: &str, failure: Failure) -> Self {
        let url = url.to_owned();
        match failure {
            Failure::Transport(ureq::Error::Timeout(_)) => Self::Timeout { url },
            Failure::Transport(error) => Self::NoResponse {
                url,
                source: error.into(),
            },
            Failure::Response(status, body) => Self::Rejected {
                url,
                status: status.as_u16(),
                body,
            },
        }
    }
}
