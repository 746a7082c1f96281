//! Functions that return a stream: one request from the first poll to the end, which fails with the
//! first item that is a failure.

use std::pin::Pin;

use futures_util::stream::{
    self, BoxStream, FusedStream, Stream, StreamExt as _, TryStream, TryStreamExt as _,
};
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

#[derive(Debug, PartialEq, Eq, mcp_metrics::ErrorType)]
enum Failure {
    First,
    Second,
}

type Items = Vec<Result<u8, Failure>>;

#[tracked("items", "by_type")]
fn by_type(items: Items) -> impl Stream<Item = Result<u8, Failure>> + Unpin {
    stream::iter(items)
}

#[tracked("items", "boxed")]
fn boxed_items(items: Items) -> BoxStream<'static, Result<u8, Failure>> {
    stream::iter(items).boxed()
}

#[tracked("items", "fused")]
fn fused_items(items: Items) -> impl FusedStream<Item = Result<u8, Failure>> {
    stream::iter(items).fuse()
}

#[tracked("items", "try_stream")]
fn try_items(items: Items) -> impl TryStream<Ok = u8, Error = Failure> {
    stream::iter(items)
}

#[tracked("items", "unpin")]
fn unpin_items(items: Items) -> Box<dyn Stream<Item = Result<u8, Failure>> + Unpin> {
    Box::new(stream::iter(items))
}

#[tokio::test]
async fn first_item_that_is_an_err_determines_the_outcome() {
    exporter();
    let items = || vec![Ok(1), Err(Failure::First), Ok(2), Err(Failure::Second)];
    assert_eq!(by_type(items()).collect::<Vec<_>>().await, items());
    assert_eq!(boxed_items(items()).count().await, 4);
    assert_eq!(unpin_items(items()).count().await, 4);
    assert_eq!(
        try_items(items()).try_collect::<Vec<_>>().await,
        Err(Failure::First)
    );
    let mut fused = Box::pin(fused_items(items()));
    while fused.next().await.is_some() {}
    assert!(fused.is_terminated());
    assert_eq!(by_type(vec![Ok(1), Ok(2)]).count().await, 2);

    let scrape = scrape();
    let first = [("First", 1)];
    scrape.requests("items", "by_type").assert(1, &first);
    scrape.requests("items", "boxed").assert(0, &first);
    scrape.requests("items", "unpin").assert(0, &first);
    scrape.requests("items", "fused").assert(0, &first);
    scrape.requests("items", "try_stream").assert(0, &first);
}

#[tracked("dropped", "items")]
fn dropped(items: Items) -> impl Stream<Item = Result<u8, Failure>> + Unpin {
    stream::iter(items)
}

#[tokio::test]
async fn stream_that_is_dropped_after_a_failure_has_the_label_of_the_failure() {
    exporter();
    let mut stream = dropped(vec![Ok(1), Err(Failure::Second), Ok(2)]);
    assert_eq!(stream.next().await, Some(Ok(1)));
    assert_eq!(stream.next().await, Some(Err(Failure::Second)));
    assert_eq!(scrape().requests("dropped", "items").active, 1.0);
    drop(stream);
    let mut stream = dropped(vec![Ok(1), Err(Failure::Second)]);
    assert_eq!(stream.next().await, Some(Ok(1)));
    drop(stream);
    scrape()
        .requests("dropped", "items")
        .assert(0, &[("Second", 1), ("cancelled", 1)]);
}

#[tracked("judged", "ok_if", ok_if = |n| *n < 3)]
fn ok_if(items: Vec<u8>) -> impl Stream<Item = u8> {
    stream::iter(items)
}

#[tracked("judged", "error_if", error_if = |n| *n > 2, error_type = |n| format!("Over{n}"))]
fn error_if(items: Vec<u8>) -> BoxStream<'static, u8> {
    stream::iter(items).boxed()
}

#[tracked("judged", "error_type", error_type = |failure| match failure {
    Failure::First => "One",
    Failure::Second => "Two",
})]
fn error_type(items: Items) -> impl Stream<Item = Result<u8, Failure>> {
    stream::iter(items)
}

#[tracked("judged", "literal", error_type = "Literal")]
fn literal(items: Items) -> impl Stream<Item = Result<u8, Failure>> {
    stream::iter(items)
}

#[tracked("judged", "panics", error_if = |_| panic!("{PROVOKED}"))]
fn judge_panics() -> impl Stream<Item = u8> {
    stream::iter([1])
}

#[tokio::test]
async fn arguments_judge_and_label_the_items() {
    exporter();
    quiet_panics();
    for items in [vec![1, 2], vec![1, 3, 4]] {
        ok_if(items.clone()).count().await;
        error_if(items).count().await;
    }
    for failure in [Failure::First, Failure::Second] {
        error_type(vec![Err(failure)]).count().await;
    }
    literal(vec![Err(Failure::First)]).count().await;
    let panicked = tokio::spawn(async { judge_panics().count().await }).await;
    assert!(panicked.unwrap_err().is_panic());

    let scrape = scrape();
    let requests = |operation| scrape.requests("judged", operation);
    requests("ok_if").assert(1, &[("rejected", 1)]);
    requests("error_if").assert(1, &[("Over3", 1)]);
    requests("error_type").assert(0, &[("One", 1), ("Two", 1)]);
    requests("literal").assert(0, &[("Literal", 1)]);
    requests("panics").assert(0, &[("panic", 1)]);
}
