//! Unit tests of a service's metrics, under the names that its exporter prints.
//!
//! This is [`mcp_metrics::testing`] with the company's prefix.

pub use mcp_metrics::testing::*;

use crate::NAMESPACE;

/// Creates an empty recording.
#[must_use]
pub fn recording() -> Recording {
    Recording::with_namespace(NAMESPACE)
}

/// Runs `body` and returns its value with what it recorded.
pub fn record<T>(body: impl FnOnce() -> T) -> (T, Recording) {
    let metrics = recording();
    (metrics.run(body), metrics)
}

/// Awaits `future` and returns its output with what it recorded.
pub async fn record_async<F: Future>(future: F) -> (F::Output, Recording) {
    let metrics = recording();
    (metrics.run_async(future).await, metrics)
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use crate::outgoing;

    use super::*;

    #[tokio::test]
    async fn outgoing_calls_are_requests_of_one_agent() {
        let calls = async {
            assert!(
                outgoing("mail.send", async { Ok::<_, Error>(()) })
                    .await
                    .is_ok()
            );
            let timeout = async { Err::<(), _>(Error::from(ErrorKind::TimedOut)) };
            assert!(outgoing("directory.assignee", timeout).await.is_err());
        };
        let ((), metrics) = record_async(calls).await;
        metrics.requests("outgoing", "mail.send").assert(1, &[]);
        let requests = metrics.requests("outgoing", "directory.assignee");
        requests.assert(0, &[("TimedOut", 1)]);
    }

    #[test]
    fn recordings_print_the_names_of_the_company() {
        let ((), metrics) = record(crate::track_search_call);
        assert_eq!(metrics.counter("acme_search_api_calls_total", &[]), 1);
        let printed = metrics.render();
        assert!(!printed.contains("mcp_hub_"), "{printed}");
    }
}
