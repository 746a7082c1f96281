//! Functions that return a stream: one request from the first poll to the end.

use std::pin::Pin;

use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use mcp_metrics::{tracked, tracked_llm};
use mcp_metrics_tests::{PROVOKED, exporter, quiet_panics, scrape};

#[tracked("opaque", "stream")]
fn opaque(limit: u32) -> impl Stream<Item = u32> + Send {
    stream::iter(0..limit).then(|n| async move {
        tokio::task::yield_now().await;
        n
    })
}

#[tracked("boxed", "stream")]
#[tracked_llm("boxed", "stream")]
fn boxed(words: &str) -> BoxStream<'_, &str> {
    if words.is_empty() {
        return stream::empty().boxed();
    }
    stream::iter(words.split(' ')).boxed()
}

#[tracked(agent = format!("dynamic-{name}"))]
fn spelled_out(name: &str) -> Pin<Box<dyn Stream<Item = char> + Send + '_>> {
    Box::pin(stream::iter(name.chars()))
}

#[tracked("panicking", "stream")]
fn panicking() -> impl Stream<Item = u32> {
    stream::iter(0..3).inspect(|n| assert!(*n < 1, "{PROVOKED}"))
}

#[tokio::test]
async fn stream_is_one_request_from_first_poll_to_end() {
    exporter();
    quiet_panics();
    assert_eq!(opaque(3).collect::<Vec<_>>().await, [0, 1, 2]);
    let mut half = Box::pin(opaque(3));
    assert_eq!(half.next().await, Some(0));
    assert_eq!(scrape().requests("opaque", "stream").active, 1.0);
    drop((half, opaque(3)));
    scrape()
        .requests("opaque", "stream")
        .assert(1, &[("cancelled", 1)]);

    assert_eq!(boxed("a b").collect::<Vec<_>>().await, ["a", "b"]);
    let mut empty = boxed("");
    // Polled again after its end.
    assert_eq!((empty.next().await, empty.next().await), (None, None));
    scrape().requests("boxed", "stream").assert(2, &[]);
    let calls = [("provider", "boxed"), ("model", "stream")];
    assert_eq!(scrape().value("mcp_hub_llm_api_calls_total", &calls), 2.0);

    assert_eq!(spelled_out("xy").collect::<String>().await, "xy");
    scrape()
        .requests("dynamic-xy", "spelled_out")
        .assert(1, &[]);

    let panicked = tokio::spawn(async { panicking().count().await }).await;
    assert!(panicked.unwrap_err().is_panic());
    scrape()
        .requests("panicking", "stream")
        .assert(0, &[("panic", 1)]);
}
