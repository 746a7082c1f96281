//! Calls that end with a stream.

use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use mcp_metrics::{LlmCall, TokenUsage, tracked_llm};
use mcp_metrics_tests::{PROVOKED, exporter, panics, scrape};

use crate::read::Calls;

#[derive(Clone, Copy)]
struct Chunk {
    usage: Option<TokenUsage>,
}

type Item = Result<Chunk, io::Error>;

const TEXT: Chunk = Chunk { usage: None };

const LAST: Chunk = Chunk {
    usage: Some(TokenUsage {
        input: 9,
        output: 2,
    }),
};

fn broken() -> Item {
    Err(io::ErrorKind::ConnectionReset.into())
}

fn whole() -> Vec<Item> {
    vec![Ok(TEXT), Ok(TEXT), Ok(LAST)]
}

/// The items of a reply that breaks after the first chunk.
fn half() -> Vec<Item> {
    vec![Ok(TEXT), broken(), Ok(LAST)]
}

/// The metrics after a whole reply, one that breaks, one that is abandoned after its first chunk, and
/// one that fails at once.
fn expected() -> Calls {
    let ended = [("", 1.0), ("ConnectionReset", 2.0), ("cancelled", 1.0)];
    let chunks = [("", 1.0), ("ConnectionReset", 1.0), ("cancelled", 1.0)];
    Calls::of(4.0, &ended)
        .with_first_chunks(&chunks)
        .with_tokens(9.0, 2.0)
}

/// Consumes the replies that [`expected`] describes.
async fn consume<S: Stream<Item = Item> + Unpin>(reply: impl AsyncFn(Vec<Item>) -> S) {
    assert_eq!(reply(whole()).await.count().await, 3);
    assert_eq!(reply(half()).await.count().await, 3);
    let mut abandoned = reply(whole()).await;
    assert!(abandoned.next().await.is_some());
    drop(abandoned);
    assert_eq!(reply(vec![broken()]).await.count().await, 1);
}

#[tokio::test]
async fn guard_ends_with_the_stream() {
    exporter();
    consume(async |items| {
        let call = LlmCall::start("streams", "guard");
        call.track_stream_with(stream::iter(items), |item| item.as_ref().ok()?.usage)
    })
    .await;
    assert_eq!(Calls::read(&scrape(), "streams", "guard"), expected());
}

#[tokio::test]
async fn attribute_ends_with_the_stream() {
    #[tracked_llm("streams", "attribute", usage = |chunk: &Chunk| chunk.usage)]
    fn converse(items: Vec<Item>) -> impl Stream<Item = Item> {
        stream::iter(items)
    }

    exporter();
    consume(async |items| converse(items)).await;
    assert_eq!(Calls::read(&scrape(), "streams", "attribute"), expected());
}

#[tokio::test]
async fn attribute_ends_with_the_stream_in_a_result() {
    #[tracked_llm("streams", "in_result", usage = |chunk: &Chunk| chunk.usage, stream)]
    async fn converse(items: Vec<Item>) -> Result<impl Stream<Item = Item>, io::Error> {
        tokio::task::yield_now().await;
        Ok(stream::iter(items))
    }

    exporter();
    consume(async |items| converse(items).await.unwrap()).await;
    assert_eq!(Calls::read(&scrape(), "streams", "in_result"), expected());
}

#[tokio::test]
async fn attribute_ends_with_a_boxed_stream_in_a_result() {
    #[tracked_llm("streams", model, usage = |chunk: &Chunk| chunk.usage, stream)]
    async fn converse(
        model: &'static str,
        items: Vec<Item>,
    ) -> Result<BoxStream<'static, Item>, io::Error> {
        Ok(stream::iter(items).boxed())
    }

    exporter();
    consume(async |items| converse("boxed", items).await.unwrap()).await;
    assert_eq!(Calls::read(&scrape(), "streams", "boxed"), expected());
}

#[tokio::test]
async fn call_that_returns_no_stream_fails_at_once() {
    #[tracked_llm("streams", "refused", stream)]
    async fn refused() -> Result<Pin<Box<dyn Stream<Item = Item> + Send>>, io::Error> {
        Err(io::ErrorKind::ConnectionRefused.into())
    }

    exporter();
    assert!(refused().await.is_err());
    let expected = Calls::of(1.0, &[("ConnectionRefused", 1.0)]);
    assert_eq!(Calls::read(&scrape(), "streams", "refused"), expected);
}

#[tokio::test]
async fn stream_that_is_never_polled_is_cancelled() {
    #[tracked_llm("streams", "unpolled", stream)]
    async fn unpolled() -> Result<impl Stream<Item = Item>, io::Error> {
        Ok(stream::iter(whole()))
    }

    exporter();
    drop(unpolled().await);
    drop(LlmCall::start("streams", "unpolled").track_stream(stream::iter(whole())));
    let expected = Calls::of(2.0, &[("cancelled", 2.0)]);
    assert_eq!(Calls::read(&scrape(), "streams", "unpolled"), expected);
}

#[tokio::test]
async fn early_drop_can_be_a_success() {
    #[tracked_llm("streams", "enough", ok_if_dropped)]
    fn converse(items: Vec<Item>) -> impl Stream<Item = Item> {
        stream::iter(items)
    }

    exporter();
    assert!(converse(whole()).next().await.is_some());
    let call = LlmCall::start("streams", "enough");
    let mut guarded = call.track_stream(stream::iter(whole())).ok_if_dropped();
    assert!(guarded.next().await.is_some());
    drop(guarded);
    // A failure before the drop counts.
    let mut failed = converse(half());
    assert!(failed.next().await.is_some());
    assert!(failed.next().await.is_some());
    drop(failed);
    let expected = Calls::of(3.0, &[("", 2.0), ("ConnectionReset", 1.0)])
        .with_first_chunks(&[("", 2.0), ("ConnectionReset", 1.0)]);
    assert_eq!(Calls::read(&scrape(), "streams", "enough"), expected);
}

#[test]
fn panic_in_a_stream_is_a_panic() {
    exporter();
    let panicking = stream::iter([1, 2]).map(|n| -> Item {
        assert!(n < 2, "{PROVOKED}");
        Ok(LAST)
    });
    let call = LlmCall::start("streams", "panic");
    let mut reply = call.track_stream_with(panicking, |item| item.as_ref().ok()?.usage);
    assert!(reply.next().now_or_never().is_some());
    panics(AssertUnwindSafe(|| drop(reply.next().now_or_never())));
    let expected = Calls::of(1.0, &[("panic", 1.0)])
        .with_first_chunks(&[("panic", 1.0)])
        .with_tokens(9.0, 2.0);
    assert_eq!(Calls::read(&scrape(), "streams", "panic"), expected);
}

#[tokio::test]
async fn stream_keeps_the_properties_of_the_inner_one() {
    use futures_util::stream::FusedStream as _;

    let call = LlmCall::start("streams", "properties");
    let mut reply = call.track_stream(stream::iter(["a", "b"]).fuse());
    assert_eq!(reply.size_hint(), (2, Some(2)));
    assert!(format!("{reply:?}").starts_with("LlmStream"));
    assert_eq!(reply.by_ref().count().await, 2);
    assert!(reply.is_terminated());
}

#[tokio::test]
async fn concurrent_streams_are_exact() {
    #[tracked_llm("streams", "concurrent", usage = |chunk: &Chunk| chunk.usage, stream)]
    async fn converse(items: Vec<Item>) -> Result<impl Stream<Item = Item>, io::Error> {
        tokio::task::yield_now().await;
        Ok(stream::iter(items).then(async |item| {
            tokio::task::yield_now().await;
            item
        }))
    }

    exporter();
    let calls = (0..1_000).map(async |call| {
        let items = if call % 10 == 0 { half() } else { whole() };
        let mut reply = Box::pin(converse(items).await.unwrap());
        let wanted = if call % 10 == 1 { 1 } else { usize::MAX };
        for _ in 0..wanted {
            if reply.next().await.is_none() {
                break;
            }
        }
    });
    futures_util::future::join_all(calls).await;
    let ended = [
        ("", 800.0),
        ("ConnectionReset", 100.0),
        ("cancelled", 100.0),
    ];
    let expected = Calls::of(1_000.0, &ended)
        .with_first_chunks(&ended)
        .with_tokens(7_200.0, 1_600.0);
    assert_eq!(Calls::read(&scrape(), "streams", "concurrent"), expected);
}
