//! `track_stream` and `track_stream_with`: any stream as one request.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::stream::{self, FusedStream, Stream, StreamExt as _};
use mcp_metrics::{ErrorType, Outcome, TrackedStream, track_stream, track_stream_with};
use mcp_metrics_tests::{exporter, scrape};

#[path = "track_stream/panics.rs"]
mod panics;

#[derive(Debug, PartialEq, Eq, ErrorType)]
enum Failure {
    First,
    Second,
}

/// Polls a stream once.
fn poll<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop()))
}

/// Asserts the counts of an agent whose streams have ended.
fn assert(agent: &str, success: u32, failed: &[(&str, u32)]) {
    scrape().requests(agent, "stream").assert(success, failed);
}

/// Returns whether an agent has any series.
fn is_recorded(agent: &str) -> bool {
    scrape()
        .samples
        .iter()
        .any(|(_, labels, _)| labels.get("agent").is_some_and(|it| it == agent))
}

/// Returns the number of an agent's streams in flight.
fn active(agent: &str) -> f64 {
    scrape().requests(agent, "stream").active
}

#[test]
fn stream_starts_at_its_first_poll_and_ends_at_its_end() {
    exporter();
    let mut stream = track_stream("whole", "stream", stream::iter([1, 2]));
    assert!(!is_recorded("whole"));
    assert_eq!(poll(&mut stream), Poll::Ready(Some(1)));
    assert_eq!(active("whole"), 1.0);
    assert_eq!(poll(&mut stream), Poll::Ready(Some(2)));
    assert_eq!(active("whole"), 1.0);
    assert_eq!(poll(&mut stream), Poll::Ready(None));
    assert("whole", 1, &[]);
    // After the end, as the inner stream.
    assert_eq!(poll(&mut stream), Poll::Ready(None));
    drop(stream);
    assert("whole", 1, &[]);
}

#[test]
fn unpolled_stream_records_nothing() {
    exporter();
    drop(track_stream("unpolled", "stream", stream::iter([1])));
    drop(track_stream("unpolled", "stream", stream::iter([1])).ok_if_dropped());
    assert!(!is_recorded("unpolled"));
}

#[test]
fn first_failing_item_is_the_error_type_whatever_follows() {
    exporter();
    let items = || stream::iter([Ok(1), Err(Failure::First), Err(Failure::Second)]);
    let mut ended = track_stream("failing", "stream", items());
    while poll(&mut ended) != Poll::Ready(None) {}
    let dropped = track_stream("failing", "stream", items());
    let ok_if_dropped = track_stream("failing", "stream", items()).ok_if_dropped();
    for mut stream in [dropped, ok_if_dropped] {
        assert_eq!(poll(&mut stream), Poll::Ready(Some(Ok(1))));
        assert_eq!(poll(&mut stream), Poll::Ready(Some(Err(Failure::First))));
    }
    assert("failing", 0, &[("First", 3)]);
}

#[test]
fn stream_dropped_before_its_end_is_cancelled_unless_that_is_ok() {
    exporter();
    for pending in [false, true] {
        let inner = || stream::iter([1]).chain(stream::pending());
        let early = track_stream("early", "stream", inner());
        let ok = track_stream("early_ok", "stream", inner()).ok_if_dropped();
        for mut stream in [early, ok] {
            assert_eq!(poll(&mut stream), Poll::Ready(Some(1)));
            assert!(!pending || poll(&mut stream).is_pending());
        }
    }
    assert("early", 0, &[("cancelled", 2)]);
    assert("early_ok", 2, &[]);
}

struct Reply(u16);

impl Outcome for Reply {
    fn failure(&self) -> Option<std::borrow::Cow<'static, str>> {
        (self.0 >= 500).then(|| "5xx".into())
    }
}

struct Opaque(u16);

#[tokio::test]
async fn items_of_any_type_are_judged() {
    exporter();
    let words = stream::iter(["a", "b"]).map(str::to_owned);
    assert_eq!(track_stream("words", "stream", words).count().await, 2);
    assert("words", 1, &[]);

    let parsed = stream::iter(["1", "x"]).map(str::parse::<u8>);
    assert_eq!(track_stream("parsed", "stream", parsed).count().await, 2);
    assert("parsed", 0, &[("ParseIntError", 1)]);

    let replies = stream::iter([Reply(200), Reply(503)]);
    assert_eq!(track_stream("replies", "stream", replies).count().await, 2);
    assert("replies", 0, &[("5xx", 1)]);

    let judge = |item: &Opaque| (item.0 > 1).then(|| format!("Over{}", item.0).into());
    let mut calls = 0;
    let opaque = stream::iter([0, 2, 3]).map(Opaque);
    let opaque = track_stream_with("opaque", "stream", opaque, |item| {
        calls += 1;
        judge(item)
    });
    assert_eq!(opaque.count().await, 3);
    assert_eq!(calls, 2, "not after the first failure");
    assert("opaque", 0, &[("Over2", 1)]);
}

#[tokio::test]
async fn select_that_drops_the_stream_cancels_it() {
    exporter();
    for (agent, ok) in [("select", false), ("select_ok", true)] {
        let stream = track_stream(agent, "stream", stream::pending::<u8>());
        let stream = if ok { stream.ok_if_dropped() } else { stream };
        tokio::select! {
            biased;
            count = stream.count() => panic!("ended after {count} items"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert("select", 0, &[("cancelled", 1)]);
    assert("select_ok", 1, &[]);
}

#[test]
fn inner_stream_is_dropped_while_the_request_is_active() {
    struct Observes;

    impl Stream for Observes {
        type Item = u8;

        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
            Poll::Pending
        }
    }

    impl Drop for Observes {
        fn drop(&mut self) {
            assert_eq!(active("inner"), 1.0);
        }
    }

    exporter();
    let mut stream = track_stream("inner", "stream", Observes);
    assert!(poll(&mut stream).is_pending());
    drop(stream);
    assert("inner", 0, &[("cancelled", 1)]);
}

#[test]
fn size_hint_fusing_auto_traits_and_debug_are_those_of_the_inner_stream() {
    fn is_send<T: Send + Sync + Unpin>(_: &T) {}

    exporter();
    let mut stream = track_stream("hint", "stream", stream::iter([1, 2, 3]).fuse());
    is_send(&stream);
    assert_eq!(stream.size_hint(), (3, Some(3)));
    assert!(!stream.is_terminated());
    assert!(format!("{stream:?}").contains("Fuse"), "{stream:?}");
    while poll(&mut stream) != Poll::Ready(None) {}
    assert_eq!(stream.size_hint(), (0, Some(0)));
    assert!(stream.is_terminated());
}

/// A type with a tracked stream that is neither `Send` nor `'static`.
struct Holder<'a> {
    stream: Pin<Box<TrackedStream<Lent<'a>>>>,
}

type Lent<'a> = stream::Iter<std::slice::Iter<'a, Rc<u8>>>;

#[test]
fn borrowed_stream_in_a_field_is_tracked() {
    exporter();
    let items = [Rc::new(1)];
    let mut holder = Holder {
        stream: Box::pin(track_stream("held", "stream", stream::iter(&items))),
    };
    assert_eq!(poll(&mut holder.stream), Poll::Ready(Some(&items[0])));
    assert_eq!(poll(&mut holder.stream), Poll::Ready(None));
    assert("held", 1, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_streams_with_dynamic_labels_are_counted_exactly() {
    const STREAMS: u32 = 100;
    exporter();
    let tasks = (0..STREAMS).map(|at| {
        tokio::spawn(async move {
            let items = stream::iter(0..5).then(move |n| async move {
                tokio::task::yield_now().await;
                if at % 10 == 0 && n == 3 {
                    Err(Failure::Second)
                } else {
                    Ok(n)
                }
            });
            let agent = format!("concurrent-{}", at % 2);
            let stream = track_stream(agent, "many".to_owned(), items).ok_if_dropped();
            if at % 5 == 1 {
                stream.take(2).count().await
            } else {
                stream.count().await
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
    let scrape = scrape();
    scrape
        .requests("concurrent-0", "many")
        .assert(40, &[("Second", 10)]);
    scrape.requests("concurrent-1", "many").assert(50, &[]);
}

#[test]
fn streams_without_a_recorder_yield_their_items() {
    let none = metrics::NoopRecorder;
    let items = metrics::with_local_recorder(&none, || {
        let mut stream = track_stream("unrecorded", "stream", stream::iter([1, 2]));
        [poll(&mut stream), poll(&mut stream), poll(&mut stream)]
    });
    assert_eq!(
        items,
        [
            Poll::Ready(Some(1)),
            Poll::Ready(Some(2)),
            Poll::Ready(None)
        ]
    );
}
