//! Recordings of futures on different threads and runtimes.

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use mcp_metrics::testing::{Recording, record_async};
use mcp_metrics::{track_request, tracked};
use mcp_metrics_tests::{exporter, quiet_panics};
use tokio::task::yield_now;

use super::{SearchError, panic_quietly, search};

#[tracked("web_search", "crawl")]
async fn crawl(pages: u8, fail: bool) -> Result<u8, SearchError> {
    for _ in 0..pages {
        yield_now().await;
    }
    search(fail)
}

#[test]
fn futures_on_many_threads_are_recorded_separately() {
    exporter();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let crawlers = (1..=32_u8).map(|pages| {
            let crawler = record_async(async move {
                for _ in 0..pages {
                    crawl(pages, true).await.unwrap_err();
                }
            });
            (u64::from(pages), tokio::spawn(crawler))
        });
        for (pages, crawler) in crawlers.collect::<Vec<_>>() {
            let ((), metrics) = crawler.await.unwrap();
            let failed = [("Timeout", pages)];
            metrics.requests("web_search", "crawl").assert(0, &failed);
            metrics.requests("web_search", "search").assert(0, &failed);
        }
    });
}

#[test]
fn future_is_recorded_on_every_thread_that_polls_it() {
    let metrics = Recording::new();
    let mut crawler = Box::pin(metrics.run_async(crawl_by_hand(true)));
    for poll in 1..=4 {
        let polled = thread::spawn(move || {
            let ready = crawler
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            (ready.is_ready(), crawler)
        });
        let (ready, back) = polled.join().unwrap();
        assert_eq!(ready, poll == 4);
        crawler = back;
    }
    metrics
        .requests("web_search", "by_hand")
        .assert(0, &[("Timeout", 1)]);
}

/// Polls a future to its end: a minimal runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// Is pending once, and is woken from another thread.
async fn other_thread() {
    let mut polled = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        thread::spawn(move || waker.wake());
        Poll::Pending
    })
    .await;
}

#[test]
fn future_is_recorded_on_any_runtime() {
    let (value, metrics) = block_on(record_async(async {
        other_thread().await;
        let value = track_request("web_search", "wait").run_async(async {
            other_thread().await;
            search(true)
        });
        value.await
    }));
    assert!(value.is_err());
    metrics
        .requests("web_search", "wait")
        .assert(0, &[("Timeout", 1)]);
    metrics
        .requests("web_search", "search")
        .assert(0, &[("Timeout", 1)]);
}

#[test]
fn interleaved_futures_record_to_their_own_recordings() {
    let (first, second) = (Recording::new(), Recording::new());
    let mut a = pin!(first.run_async(crawl_by_hand(false)));
    let mut b = pin!(second.run_async(crawl_by_hand(true)));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        assert!(a.as_mut().poll(&mut context).is_pending());
        assert!(b.as_mut().poll(&mut context).is_pending());
        assert_eq!(first.requests("web_search", "by_hand").active, 1);
    }
    assert!(a.as_mut().poll(&mut context).is_ready());
    assert!(b.as_mut().poll(&mut context).is_ready());
    first.requests("web_search", "by_hand").assert(1, &[]);
    second
        .requests("web_search", "by_hand")
        .assert(0, &[("Timeout", 1)]);
}

#[tracked("web_search", "by_hand")]
async fn crawl_by_hand(fail: bool) -> Result<(), SearchError> {
    let mut polls = 0;
    poll_fn(|_| {
        polls += 1;
        if polls < 4 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    if fail {
        Err(SearchError::Timeout)
    } else {
        Ok(())
    }
}

#[test]
fn future_moved_between_polls_keeps_its_recording() {
    let metrics = Recording::new();
    let mut context = Context::from_waker(Waker::noop());
    let boxed: Pin<Box<dyn Future<Output = _>>> = Box::pin(crawl_by_hand(true));
    let mut here = metrics.run_async(boxed);
    for _ in 0..3 {
        assert!(Pin::new(&mut here).poll(&mut context).is_pending());
        let mut there = Box::new(here);
        assert!(!metrics.render().is_empty());
        if let Poll::Ready(value) = Pin::new(&mut there).poll(&mut context) {
            assert!(value.is_err());
            metrics
                .requests("web_search", "by_hand")
                .assert(0, &[("Timeout", 1)]);
            return;
        }
        here = *there;
    }
    unreachable!("the fourth poll makes it ready");
}

#[tokio::test(start_paused = true)]
async fn dropped_future_is_recorded_as_cancelled() {
    let metrics = Recording::new();
    let stuck =
        || metrics.run_async(track_request("web_search", "wait").run_async(pending::<()>()));
    let late = tokio::time::timeout(Duration::from_secs(5), stuck());
    assert!(late.await.is_err());
    let task = tokio::spawn(stuck());
    yield_now().await;
    assert_eq!(metrics.requests("web_search", "wait").active, 1);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    drop(stuck()); // never polled
    metrics
        .requests("web_search", "wait")
        .assert(0, &[("cancelled", 2)]);
}

#[tokio::test]
async fn panicking_future_is_recorded() {
    quiet_panics();
    let metrics = Recording::new();
    let crash = track_request("web_search", "crash").run_async(async {
        yield_now().await;
        search(true).unwrap_err();
        panic_quietly();
    });
    assert!(
        tokio::spawn(metrics.run_async(crash))
            .await
            .unwrap_err()
            .is_panic()
    );
    metrics
        .requests("web_search", "crash")
        .assert(0, &[("panic", 1)]);
    // The worker thread no longer records to it.
    assert!(search(true).is_err());
    metrics
        .requests("web_search", "search")
        .assert(0, &[("Timeout", 1)]);
}

#[tokio::test]
async fn spawned_task_is_recorded_if_its_recording_is_passed() {
    let metrics = Recording::new();
    let tasks = metrics.run_async({
        let metrics = metrics.clone();
        async move {
            tokio::spawn(crawl(1, true)).await.unwrap().unwrap_err();
            let recorded = metrics.run_async(crawl(2, false));
            tokio::spawn(recorded).await.unwrap().unwrap();
            let thread = thread::spawn(move || metrics.run(|| search(false)));
            thread.join().unwrap().unwrap();
        }
    });
    tasks.await;
    metrics.requests("web_search", "crawl").assert(1, &[]);
    metrics.requests("web_search", "search").assert(2, &[]);
}
