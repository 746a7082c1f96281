//! Outcomes of panicking functions and futures, and of calls during unwinding.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use mcp_metrics::{track_request, tracked};
use mcp_metrics_tests::{PROVOKED, exporter, panics, quiet_panics, scrape};
use tokio::task::yield_now;

use super::Alias;

#[tracked("panic_value", "outcome")]
fn panics_with_value() -> Alias<()> {
    panic!("{PROVOKED}")
}

#[tracked("panic_plain", "outcome")]
fn panics_plain(really: bool) -> u8 {
    assert!(!really, "provoked by a test");
    1
}

#[tracked("panic_async", "outcome")]
async fn panics_async(polls: u8) {
    for _ in 0..polls {
        yield_now().await;
    }
    panic!("provoked by a test")
}

#[test]
fn panic_is_a_failure_and_propagates() {
    exporter();
    panics(|| drop(panics_with_value()));
    scrape()
        .requests("panic_value", "outcome")
        .assert(0, &[("panic", 1)]);
    panics(|| assert_eq!(panics_plain(true), 0));
    panics_plain(false);
    scrape()
        .requests("panic_plain", "outcome")
        .assert(1, &[("panic", 1)]);
}

#[tokio::test]
async fn panic_in_a_future_is_not_a_cancellation() {
    exporter();
    quiet_panics();
    for polls in 0..3 {
        assert!(
            tokio::spawn(panics_async(polls))
                .await
                .unwrap_err()
                .is_panic()
        );
    }
    scrape()
        .requests("panic_async", "outcome")
        .assert(0, &[("panic", 3)]);
}

#[tracked("in_drop", "outcome")]
fn called_in_drop() -> u8 {
    1
}

#[tracked("in_drop_value", "outcome")]
fn called_in_drop_value() -> Alias<()> {
    Ok(())
}

#[test]
fn call_during_unwinding_is_a_success() {
    struct CallsInDrop;
    impl Drop for CallsInDrop {
        fn drop(&mut self) {
            called_in_drop();
            drop(called_in_drop_value());
        }
    }
    exporter();
    panics(|| {
        let _calls = CallsInDrop;
        panic!("provoked by a test")
    });
    scrape().requests("in_drop", "outcome").assert(1, &[]);
    scrape().requests("in_drop_value", "outcome").assert(1, &[]);
}

#[test]
fn duration_of_a_panicking_request_is_observed() {
    exporter();
    let request = AssertUnwindSafe(track_request("timed", "sleep").start());
    std::thread::sleep(Duration::from_millis(120));
    panics(move || {
        let _request = request;
        panic!("provoked by a test")
    });
    let scrape = scrape();
    let pair = [("agent", "timed"), ("operation", "sleep")];
    assert!(scrape.value("mcp_hub_request_duration_seconds_sum", &pair) >= 0.12);
    let bucket = |le| {
        let labels = [pair[0], pair[1], ("le", le)];
        scrape.value("mcp_hub_request_duration_seconds_bucket", &labels)
    };
    assert_eq!((bucket("0.1"), bucket("+Inf")), (0.0, 1.0));
    scrape.requests("timed", "sleep").assert(0, &[("panic", 1)]);
}
