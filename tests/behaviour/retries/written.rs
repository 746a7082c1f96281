//! Retry loops in the function's body.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mcp_metrics::tracked_retry;
use mcp_metrics_tests::{exporter, panics};

use super::{Failure, assert_retries, run_four, service};

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
