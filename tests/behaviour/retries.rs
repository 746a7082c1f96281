//! Retry loops: those in the function's body, and those that the attribute drives.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mcp_metrics::{ErrorType, tracked, tracked_execution, tracked_llm, tracked_retry};
use mcp_metrics_tests::{exporter, panics, scrape};
use tokio::time::{Instant, sleep};

#[path = "retries/caller.rs"]
mod caller;

#[derive(Debug, PartialEq, ErrorType)]
enum Failure {
    Busy,
    Forbidden,
}

impl Failure {
    fn is_transient(&self) -> bool {
        *self == Self::Busy
    }
}

/// Fails `failures` times, then succeeds.
fn service(failures: &Cell<u32>) -> Result<u32, Failure> {
    let left = failures.get();
    failures.set(left.saturating_sub(1));
    if left == 0 { Ok(7) } else { Err(Failure::Busy) }
}

/// Asserts the number of failures per attempt, and of exhausted loops.
#[track_caller]
fn assert_retries(service: &str, failed: &[u32], exhausted: u32) {
    let scrape = scrape();
    let found: Vec<_> = (1..=failed.len() + 1)
        .map(|n| {
            let labels = [("service", service), ("attempt", &*n.to_string())];
            scrape.get("mcp_hub_retries_total", &labels).unwrap_or(0.0)
        })
        .collect();
    let expected: Vec<_> = failed.iter().copied().chain([0]).map(f64::from).collect();
    assert_eq!(found, expected, "{service}");
    let found = scrape.sum("mcp_hub_retries_exhausted_total", &[("service", service)]);
    assert_eq!(found, f64::from(exhausted), "{service}");
}

/// Runs a loop of three attempts against a service that fails 0, 1, 2 and 3 times.
fn run_four(name: &str, call: impl Fn(&Cell<u32>) -> Result<u32, Failure>) {
    exporter();
    for failures in 0..4 {
        let result = call(&Cell::new(failures));
        assert_eq!(
            result,
            if failures < 3 {
                Ok(7)
            } else {
                Err(Failure::Busy)
            },
            "{name}"
        );
    }
    // The first attempt fails in three of the four runs, the second in two, the third in one.
    assert_retries(name, &[3, 2, 1], 1);
}

#[tracked_retry("for_return")]
fn for_return(failures: &Cell<u32>) -> Result<u32, Failure> {
    for attempt in 1..=3 {
        match service(failures) {
            Ok(reply) => return Ok(reply),
            Err(error) if attempt == 3 => return Err(error),
            Err(_) => {}
        }
    }
    unreachable!()
}

#[tracked_retry("for_runs_out")]
fn for_runs_out(failures: &Cell<u32>) -> Result<u32, Failure> {
    let mut last = Err(Failure::Forbidden);
    for _ in 0..3 {
        last = service(failures);
        if last.is_ok() {
            break;
        }
    }
    last
}

#[tracked_retry("while_loop")]
fn while_loop(failures: &Cell<u32>) -> Result<u32, Failure> {
    let mut attempt = 0;
    let mut result = Err(Failure::Forbidden);
    while attempt < 3 && result.is_err() {
        attempt += 1;
        result = service(failures);
    }
    result
}

#[tracked_retry("while_let")]
fn while_let(failures: &Cell<u32>) -> Result<u32, Failure> {
    let mut attempt = 1;
    let mut reply = service(failures);
    while let Err(error) = reply {
        if attempt == 3 {
            return Err(error);
        }
        attempt += 1;
        reply = service(failures);
    }
    reply
}

#[tracked_retry("loop_value")]
fn loop_value(failures: &Cell<u32>) -> Result<u32, Failure> {
    let mut attempt = 0;
    let reply = 'retry: loop {
        attempt += 1;
        // An inner loop is part of the attempt.
        for last in [false, true] {
            match service(failures) {
                Ok(reply) => break 'retry reply,
                Err(error) if last && attempt == 3 => return Err(error),
                Err(_) if last => continue 'retry,
                Err(_) => failures.set(failures.get() + 1),
            }
        }
    };
    Ok(reply)
}

#[tracked_retry("loop_result")]
fn loop_result(failures: &Cell<u32>) -> Result<u32, Failure> {
    let mut attempt = 0;
    let result = loop {
        attempt += 1;
        match service(failures) {
            Err(_) if attempt < 3 => {}
            result => break result,
        }
    };
    result
}

#[test]
fn failed_attempts_of_every_kind_of_loop_are_counted() {
    run_four("for_return", for_return);
    run_four("for_runs_out", for_runs_out);
    run_four("while_loop", while_loop);
    run_four("while_let", while_let);
    run_four("loop_value", loop_value);
    run_four("loop_result", loop_result);
}

#[expect(clippy::never_loop, reason = "the first attempt always works")]
#[tracked_retry("before_loop")]
fn fails_before_loop(yes: bool) -> Result<(), Failure> {
    if yes {
        return Err(Failure::Forbidden);
    }
    for _ in 0..1 {
        return Ok(());
    }
    Ok(())
}

#[expect(clippy::never_loop, reason = "the first attempt always works")]
#[tracked_retry("after_loop")]
fn fails_after_loop() -> Result<(), Failure> {
    let reply = loop {
        break 3;
    };
    if reply == 3 {
        Err(Failure::Forbidden)
    } else {
        Ok(())
    }
}

#[tracked_retry("fallback")]
fn falls_back() -> Result<u32, Failure> {
    for _ in 0..2 {
        let Err(_) = service(&Cell::new(1)) else {
            continue;
        };
    }
    Ok(0)
}

#[expect(clippy::never_loop, reason = "the first attempt ends it")]
#[tracked_retry("final", retry_if = |error: &Failure| error.is_transient())]
fn final_error(fail: bool) -> Result<(), Failure> {
    loop {
        if fail {
            return Err(Failure::Forbidden);
        }
        return Err(Failure::Busy);
    }
}

#[tracked_retry("panics")]
fn panics_in_loop() -> Result<(), Failure> {
    for attempt in 1..=3 {
        assert!(attempt < 2, "provoked by a test");
    }
    Ok(())
}

#[test]
fn failures_outside_the_loop_are_not_counted() {
    exporter();
    assert!(fails_before_loop(true).is_err());
    assert!(fails_before_loop(false).is_ok());
    assert_retries("before_loop", &[], 0);
    assert!(fails_after_loop().is_err());
    assert_retries("after_loop", &[], 0);
}

#[test]
fn exhausted_loop_is_counted_even_if_the_function_succeeds() {
    exporter();
    assert_eq!(falls_back(), Ok(0));
    assert_retries("fallback", &[1, 1], 1);
}

#[test]
fn final_error_is_not_exhaustion() {
    exporter();
    assert!(final_error(true).is_err());
    assert_retries("final", &[1], 0);
    assert!(final_error(false).is_err());
    assert_retries("final", &[2], 1);
}

#[test]
fn panic_is_a_failed_attempt_but_not_exhaustion() {
    exporter();
    panics(|| drop(panics_in_loop()));
    assert_retries("panics", &[1, 1], 0);
}

#[tracked_retry("async_for")]
async fn async_for(failures: &AtomicU32) -> Result<u32, Failure> {
    let mut last = Err(Failure::Forbidden);
    for _ in 0..3 {
        tokio::task::yield_now().await;
        let left = failures.load(Ordering::Relaxed);
        if left == 0 {
            return Ok(7);
        }
        failures.store(left - 1, Ordering::Relaxed);
        last = Err(Failure::Busy);
    }
    last
}

#[tracked_retry("cancelled")]
async fn hangs_in_second_attempt() -> Result<(), Failure> {
    for attempt in 1..=3 {
        if attempt == 2 {
            std::future::pending::<()>().await;
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn failed_attempts_of_async_loops_are_counted() {
    exporter();
    for failures in 0..4 {
        let result = tokio::spawn(async move { async_for(&AtomicU32::new(failures)).await });
        assert_eq!(result.await.unwrap().is_ok(), failures < 3);
    }
    assert_retries("async_for", &[3, 2, 1], 1);
    let hanging = tokio::time::timeout(Duration::from_secs(1), hangs_in_second_attempt());
    assert!(hanging.await.is_err());
    assert_retries("cancelled", &[1], 0);
}

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

#[tracked("stacked", "above")]
#[tracked_retry("stacked_above", attempts = 3, delay = "1ms")]
async fn tracked_above(failures: &Cell<u32>) -> Result<u32, Failure> {
    service(failures)
}

#[tracked_retry("stacked_below")]
#[tracked("stacked", "below")]
fn tracked_below(failures: &Cell<u32>) -> Result<u32, Failure> {
    loop {
        if let Ok(reply) = service(failures) {
            return Ok(reply);
        }
    }
}

#[tracked("stacked", "above_loop")]
#[tracked_retry("stacked_above_loop")]
async fn tracked_above_loop(failures: &Cell<u32>) -> Result<u32, Failure> {
    loop {
        if let Ok(reply) = service(failures) {
            return Ok(reply);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whole_loop_is_one_request_in_any_order_of_attributes() {
    exporter();
    assert_eq!(tracked_above(&Cell::new(2)).await, Ok(7));
    assert_eq!(tracked_below(&Cell::new(2)), Ok(7));
    assert_eq!(tracked_above_loop(&Cell::new(2)).await, Ok(7));
    for (operation, service) in [
        ("above", "stacked_above"),
        ("below", "stacked_below"),
        ("above_loop", "stacked_above_loop"),
    ] {
        scrape().requests("stacked", operation).assert(1, &[]);
        assert_retries(service, &[1, 1], 0);
    }
}

#[tracked_llm("events", "above")]
#[tracked_retry("events", attempts = 3, delay = "1ms")]
#[tracked("events", "above")]
fn event_above_driven(failures: &Cell<u32>) -> Result<u32, Failure> {
    service(failures)
}

#[tracked("events", "below")]
#[tracked_retry("events", attempts = 3, delay = "1ms")]
#[tracked_llm("events", "below")]
#[tracked_execution]
async fn event_below_driven(failures: &Cell<u32>) -> Result<u32, Failure> {
    service(failures)
}

#[tracked_llm("events", "loop")]
#[tracked_execution]
#[tracked_retry("events")]
fn event_above_loop(failures: &Cell<u32>) -> Result<u32, Failure> {
    loop {
        if let Ok(reply) = service(failures) {
            return Ok(reply);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn events_count_each_driven_attempt_and_requests_the_whole_loop() {
    exporter();
    event_above_driven(&Cell::new(2)).unwrap();
    event_below_driven(&Cell::new(2)).await.unwrap();
    event_above_loop(&Cell::new(2)).unwrap();
    let scrape = scrape();
    let calls = |model| {
        scrape.value(
            "mcp_hub_llm_api_calls_total",
            &[("provider", "events"), ("model", model)],
        )
    };
    assert_eq!(
        (calls("above"), calls("below"), calls("loop")),
        (3.0, 3.0, 1.0)
    );
    scrape.requests("events", "above").assert(1, &[]);
    scrape.requests("events", "below").assert(1, &[]);
    let first = [("service", "events"), ("attempt", "1")];
    assert_eq!(scrape.value("mcp_hub_retries_total", &first), 3.0);
    let executions = |status| scrape.value("mcp_hub_code_executions_total", &[("status", status)]);
    assert_eq!((executions("success"), executions("failure")), (2.0, 2.0));
}
