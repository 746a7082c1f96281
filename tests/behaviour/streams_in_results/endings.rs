//! When the request starts, and how it ends.

use std::task::{Context, Poll, Waker};

use super::*;

/// Polls a future or the next item of a stream once.
fn poll<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()))
}

macro_rules! opens {
    ($($agent:ident)+) => {$(
        #[tracked(stringify!($agent), "open", stream)]
        async fn $agent(items: Result<Items, Refused>) -> Result<impl Stream<Item = Item>, Refused> {
            tokio::task::yield_now().await;
            Ok(stream::iter(items?))
        }
    )+};
}

opens! { starts unpolled cancelled failed_at_once }

#[tokio::test]
async fn request_starts_at_the_first_poll_of_the_future_and_ends_with_the_stream() {
    exporter();
    let mut future = pin!(starts(Ok(vec![Ok(1)])));
    assert_eq!(scrape().requests("starts", "open").total, 0.0);
    assert!(poll(&mut future).is_pending());
    assert_eq!(active("starts"), 1.0);
    let mut stream = pin!(future.await.unwrap());
    assert_eq!(active("starts"), 1.0);
    assert_eq!(stream.next().await, Some(Ok(1)));
    assert_eq!(active("starts"), 1.0);
    assert_eq!(stream.next().await, None);
    assert("starts", 1, &[]);
    // After the end, as the inner stream.
    assert_eq!(stream.next().await, None);
    assert("starts", 1, &[]);
}

#[tokio::test]
async fn unpolled_future_records_nothing_and_unpolled_stream_is_cancelled() {
    exporter();
    drop(unpolled(Ok(Vec::new())));
    assert_eq!(scrape().requests("unpolled", "open").total, 0.0);
    drop(unpolled(Ok(Vec::new())).await);
    assert("unpolled", 0, &[("cancelled", 1)]);
}

#[tokio::test]
async fn drop_of_the_future_and_of_the_stream_is_cancelled_unless_an_item_failed() {
    exporter();
    assert!(poll(pin!(cancelled(Ok(Vec::new())))).is_pending());
    assert("cancelled", 0, &[("cancelled", 1)]);
    let items = vec![Ok(1), Err(Broken::Timeout), Ok(2)];
    for taken in [1, 2] {
        let stream = cancelled(Ok(items.clone())).await.unwrap();
        assert_eq!(stream.take(taken).count().await, taken);
    }
    assert("cancelled", 0, &[("Timeout", 1), ("cancelled", 2)]);
}

#[tokio::test]
async fn err_of_the_function_fails_the_request_at_once() {
    exporter();
    let refused = failed_at_once(Err(Refused::Auth)).await;
    assert("failed_at_once", 0, &[("Auth", 1)]);
    drop(refused);
    assert("failed_at_once", 0, &[("Auth", 1)]);
}

#[tracked("sync", "open", stream)]
fn sync(items: Result<Items, Refused>) -> Result<impl Stream<Item = Item> + Unpin, Refused> {
    let items = items?;
    assert!(items.len() != 3, "{PROVOKED}");
    Ok(stream::iter(items))
}

#[test]
fn request_of_a_sync_function_starts_at_the_call() {
    exporter();
    quiet_panics();
    let stream = sync(Ok(vec![Ok(1)])).unwrap();
    assert_eq!(active("sync"), 1.0);
    drop(stream);
    assert("sync", 0, &[("cancelled", 1)]);
    assert!(sync(Err(Refused::Auth)).is_err());
    let panicked = std::panic::catch_unwind(|| drop(sync(Ok(vec![Ok(1); 3]))));
    assert!(panicked.is_err());
    assert("sync", 0, &[("Auth", 1), ("cancelled", 1), ("panic", 1)]);
}

#[tracked("panicking", "open", stream)]
async fn panicking(early: bool) -> Result<BoxStream<'static, u8>, Refused> {
    tokio::task::yield_now().await;
    assert!(!early, "{PROVOKED}");
    Ok(stream::iter([1, 2])
        .inspect(|n| assert!(*n == 1, "{PROVOKED}"))
        .boxed())
}

#[tracked("judge_panics", "open", stream, error_if = |n| *n > 1 && panic!("{PROVOKED}"))]
async fn judge_panics() -> Result<impl Stream<Item = u8>, Refused> {
    Ok(stream::iter([1, 2, 3]))
}

/// An error whose label panics.
#[derive(Debug)]
struct Labelless;

impl ErrorType for Labelless {
    fn error_type(&self) -> std::borrow::Cow<'static, str> {
        panic!("{PROVOKED}")
    }
}

#[tracked("label_panics", "open", stream)]
async fn label_panics() -> Result<impl Stream<Item = u8>, Labelless> {
    if true {
        return Err(Labelless);
    }
    Ok(stream::iter([1]))
}

#[tokio::test]
async fn panics_of_body_stream_predicate_and_label_are_recorded_once() {
    exporter();
    quiet_panics();
    for early in [false, true] {
        let consumed = async move { panicking(early).await.unwrap().count().await };
        assert!(tokio::spawn(consumed).await.unwrap_err().is_panic());
    }
    assert("panicking", 0, &[("panic", 2)]);
    let consumed = tokio::spawn(async { judge_panics().await.unwrap().count().await });
    assert!(consumed.await.unwrap_err().is_panic());
    assert("judge_panics", 0, &[("panic", 1)]);
    let consumed = tokio::spawn(async { label_panics().await.is_ok() });
    assert!(consumed.await.unwrap_err().is_panic());
    assert("label_panics", 0, &[("panic", 1)]);
}

#[tracked("select", "open", stream)]
async fn endless(wait: bool) -> Result<impl Stream<Item = Item>, Refused> {
    if wait {
        std::future::pending::<()>().await;
    }
    Ok(stream::pending())
}

#[tokio::test]
async fn select_that_drops_the_future_or_the_stream_cancels_the_request() {
    exporter();
    for wait in [true, false] {
        tokio::select! {
            biased;
            count = async { endless(wait).await.unwrap().count().await } => panic!("{count} items"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert("select", 0, &[("cancelled", 2)]);
}

#[tracked("kept", "open", stream)]
fn kept(
    items: Items,
) -> impl FusedFuture<Output = Result<impl FusedStream<Item = Item> + Unpin, Refused>> + Unpin {
    Box::pin(async move { Ok(stream::iter(items).fuse()) }.fuse())
}

#[tokio::test]
async fn fusing_size_hints_and_unpin_are_those_of_the_inner_future_and_stream() {
    exporter();
    let mut future = kept(vec![Ok(1), Ok(2)]);
    assert!(!future.is_terminated());
    let Poll::Ready(Ok(mut stream)) = poll(&mut future) else {
        panic!("the future is ready");
    };
    assert!(future.is_terminated());
    assert!(poll(&mut future).is_pending());
    assert_eq!(stream.size_hint(), (2, Some(2)));
    assert!(!stream.is_terminated());
    while stream.next().await.is_some() {}
    assert!(stream.is_terminated());
    assert("kept", 1, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_requests_are_counted_exactly() {
    #[tracked("concurrent", "open", stream)]
    async fn open(at: u32) -> Result<BoxStream<'static, Item>, Refused> {
        tokio::task::yield_now().await;
        if at % 10 == 1 {
            return Err(Refused::Auth);
        }
        let items = stream::iter(0..4).then(move |n| async move {
            tokio::task::yield_now().await;
            if n == 2 && at % 10 == 2 {
                Err(Broken::Reset)
            } else {
                Ok(n)
            }
        });
        Ok(items.boxed())
    }

    exporter();
    let tasks = (0..100).map(|at| {
        tokio::spawn(async move {
            match open(at).await {
                Ok(stream) if at % 10 == 3 => stream.take(1).count().await,
                Ok(stream) => stream.count().await,
                Err(_) => 0,
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
    assert(
        "concurrent",
        70,
        &[("Auth", 10), ("Reset", 10), ("cancelled", 10)],
    );
}
