//! Retry loops that the attribute drives.

use std::cell::Cell;
use std::time::Duration;

use mcp_metrics::tracked_retry;
use mcp_metrics_tests::exporter;
use tokio::time::{Instant, sleep};

use super::{Failure, assert_retries, run_four, service};

#[tracked_retry("driven", attempts = 3, delay = "1ms", max_delay = "1ms")]
fn driven(failures: &Cell<u32>) -> Result<u32, Failure> {
    let reply = service(failures)?;
    Ok(reply)
}

#[test]
fn driven_loop_is_counted_like_a_written_one() {
    run_four("driven", driven);
}

#[tracked_retry(
    "driven_async", attempts = 4, delay = "1s", factor = 3.0, max_delay = "5s",
    retry_if = Failure::is_transient,
)]
async fn driven_async(calls: &mut u32, error: fn() -> Failure) -> Result<u32, Failure> {
    *calls += 1;
    sleep(Duration::from_millis(100)).await;
    Err(error())
}

#[tokio::test(start_paused = true)]
async fn driven_loop_backs_off_and_stops_at_final_errors() {
    exporter();
    let (mut calls, start) = (0, Instant::now());
    assert_eq!(
        driven_async(&mut calls, || Failure::Busy).await,
        Err(Failure::Busy)
    );
    // Four attempts, and delays of 1, 3 and 5 seconds; the last one would be 9 without `max_delay`.
    assert_eq!((calls, start.elapsed().as_millis()), (4, 9_400));
    assert_retries("driven_async", &[1, 1, 1, 1], 1);

    calls = 0;
    assert_eq!(
        driven_async(&mut calls, || Failure::Forbidden).await,
        Err(Failure::Forbidden)
    );
    assert_eq!(calls, 1);
    assert_retries("driven_async", &[2, 1, 1, 1], 1);
}

#[tracked_retry("smol", attempts = 2, delay = Duration::from_millis(1), jitter)]
async fn outside_tokio(failures: &Cell<u32>) -> Result<u32, Failure> {
    service(failures)
}

#[test]
fn driven_loop_runs_without_tokio() {
    use std::task::{Context, Poll, Waker};

    exporter();
    let failures = Cell::new(1);
    let mut future = std::pin::pin!(outside_tokio(&failures));
    let mut cx = Context::from_waker(Waker::noop());
    mcp_metrics_tests::eventually("the future is ready", || {
        future.as_mut().poll(&mut cx) == Poll::Ready(Ok(7))
    });
    assert_retries("smol", &[1], 0);
}
