//! Outcomes of futures that are dropped, never polled or nested.

use std::future::pending;
use std::time::Duration;

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, quiet_panics, scrape};
use tokio::task::yield_now;

use super::{Alias, Failure};

#[tracked("never", "outcome")]
async fn never() -> Alias<()> {
    pending().await
}

#[tokio::test(start_paused = true)]
async fn pending_future_is_cancelled_when_dropped() {
    exporter();
    assert!(
        tokio::time::timeout(Duration::from_secs(5), never())
            .await
            .is_err()
    );
    tokio::select! {
        biased;
        _ = never() => unreachable!(),
        () = yield_now() => {}
    }
    let task = tokio::spawn(never());
    yield_now().await;
    assert_eq!(scrape().requests("never", "outcome").active, 1.0);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    scrape()
        .requests("never", "outcome")
        .assert(0, &[("cancelled", 3)]);
}

#[tracked("waiting_future", "outcome")]
async fn waiting_future() {
    pending::<()>().await;
}

#[tokio::test]
async fn future_dropped_by_the_panic_of_another_is_cancelled() {
    exporter();
    quiet_panics();
    let task = tokio::spawn(async {
        let mut waiting = Box::pin(waiting_future());
        tokio::select! {
            biased;
            () = &mut waiting => {}
            () = yield_now() => panic!("provoked by a test"),
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    scrape()
        .requests("waiting_future", "outcome")
        .assert(0, &[("cancelled", 1)]);
}

#[tracked("lazy", "outcome")]
async fn lazy() {}

#[tokio::test]
async fn unpolled_future_records_nothing() {
    exporter();
    drop(lazy());
    assert_eq!(scrape().requests("lazy", "outcome").total, 0.0);
    lazy().await;
    scrape().requests("lazy", "outcome").assert(1, &[]);
}

#[tracked("outer", "outcome")]
async fn outer(depth: u8) -> Alias<u8> {
    inner(depth).await?;
    Ok(depth)
}

#[tracked("inner", "outcome")]
async fn inner(depth: u8) -> Alias<u8> {
    yield_now().await;
    if depth == 0 {
        Err(Failure::Timeout)
    } else {
        Box::pin(outer(depth - 1)).await
    }
}

#[tokio::test]
async fn nested_and_recursive_requests_are_all_counted() {
    exporter();
    assert!(outer(3).await.is_err());
    scrape()
        .requests("outer", "outcome")
        .assert(0, &[("Timeout", 4)]);
    scrape()
        .requests("inner", "outcome")
        .assert(0, &[("Timeout", 4)]);
}
