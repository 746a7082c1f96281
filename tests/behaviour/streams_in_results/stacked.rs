//! Other attributes on a function whose request ends with a stream.

use std::sync::atomic::{AtomicU32, Ordering};

use mcp_metrics::{tracked_execution, tracked_llm, tracked_retry};

use super::*;

/// Refuses the first call.
fn attempt(calls: &AtomicU32) -> Result<stream::Iter<std::vec::IntoIter<Item>>, Refused> {
    if calls.fetch_add(1, Ordering::Relaxed) == 0 {
        return Err(Refused::Quota);
    }
    Ok(stream::iter(vec![Ok(1), Err(Broken::Reset)]))
}

#[tracked("retried_below", "open", stream)]
#[tracked_retry("retried_below", attempts = 3)]
async fn retried_below(calls: &AtomicU32) -> Result<impl Stream<Item = Item>, Refused> {
    attempt(calls)
}

#[tracked_retry("retried_above", attempts = 3)]
#[tracked("retried_above", "open", stream)]
async fn retried_above(calls: &AtomicU32) -> Result<BoxStream<'static, Item>, Refused> {
    Ok(attempt(calls)?.boxed())
}

#[tokio::test]
async fn one_request_covers_a_generated_retry_loop_and_the_stream() {
    exporter();
    let calls = AtomicU32::new(0);
    let mut stream = pin!(retried_below(&calls).await.unwrap());
    assert_eq!(active("retried_below"), 1.0);
    while stream.next().await.is_some() {}
    assert("retried_below", 0, &[("Reset", 1)]);

    let calls = AtomicU32::new(0);
    let stream = retried_above(&calls).await.unwrap();
    assert_eq!(active("retried_above"), 1.0);
    assert_eq!(stream.count().await, 2);
    assert("retried_above", 0, &[("Reset", 1)]);
    for service in ["retried_below", "retried_above"] {
        let labels = [("service", service), ("attempt", "1")];
        assert_eq!(scrape().value("mcp_hub_retries_total", &labels), 1.0);
    }
}

#[tracked("instrumented", "open", stream)]
#[tracing::instrument(skip_all)]
async fn instrumented(calls: &AtomicU32) -> Result<impl Stream<Item = Item>, Refused> {
    attempt(calls)
}

#[tracing::instrument(skip_all)]
#[tracked("instrumented_future", "open", stream)]
fn instrumented_future(
    calls: &AtomicU32,
) -> impl Future<Output = Result<impl Stream<Item = Item>, Refused>> {
    let opened = attempt(calls);
    async move { opened }
}

#[tracked("events", "open", stream, ok_if_dropped)]
#[tracked_llm("streams", "in_results")]
#[tracked_execution]
async fn events(calls: &AtomicU32) -> Result<impl Stream<Item = Item>, Refused> {
    attempt(calls)
}

#[tokio::test]
async fn request_ends_with_the_stream_beside_other_attributes() {
    exporter();
    let calls = AtomicU32::new(0);
    assert!(instrumented(&calls).await.is_err());
    assert_eq!(instrumented(&calls).await.unwrap().count().await, 2);
    assert("instrumented", 0, &[("Quota", 1), ("Reset", 1)]);

    let calls = AtomicU32::new(0);
    assert!(instrumented_future(&calls).await.is_err());
    assert_eq!(instrumented_future(&calls).await.unwrap().count().await, 2);
    assert("instrumented_future", 0, &[("Quota", 1), ("Reset", 1)]);

    let calls = AtomicU32::new(0);
    assert!(events(&calls).await.is_err());
    assert_eq!(events(&calls).await.unwrap().take(1).count().await, 1);
    assert("events", 1, &[("Quota", 1)]);
    let labels = [("provider", "streams"), ("model", "in_results")];
    assert_eq!(scrape().value("mcp_hub_llm_api_calls_total", &labels), 2.0);
}
