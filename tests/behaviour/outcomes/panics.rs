//! Outcomes of panicking functions and futures, and of calls during unwinding.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
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

#[tracked("panic_judge", "ok_if", ok_if = |_| panic!("{PROVOKED}"))]
async fn panics_in_ok_if() -> u8 {
    yield_now().await;
    1
}

#[tracked("panic_judge", "error_if", error_if = |_| panic!("{PROVOKED}"))]
fn panics_in_error_if() -> impl Future<Output = u8> + Send {
    async { 1 }
}

#[tracked("panic_judge", "error_type", error_type = |_: &u8| -> &str { panic!("{PROVOKED}") })]
async fn panics_in_error_type() -> Result<u8, u8> {
    Err(1)
}

struct PanickingOutcome;

impl mcp_metrics::Outcome for PanickingOutcome {
    fn failure(&self) -> Option<std::borrow::Cow<'static, str>> {
        panic!("{PROVOKED}")
    }
}

#[tracked("panic_judge", "outcome")]
async fn panics_in_outcome() -> PanickingOutcome {
    PanickingOutcome
}

#[tracked("panic_judge", "sync")]
fn panics_in_sync_outcome() -> PanickingOutcome {
    PanickingOutcome
}

#[tokio::test]
async fn panic_of_what_judges_the_value_is_not_a_cancellation() {
    exporter();
    quiet_panics();
    // Caught while the future is kept.
    let caught = AssertUnwindSafe(panics_in_ok_if()).catch_unwind().await;
    assert!(caught.is_err());
    for panicked in [
        tokio::spawn(async {
            let _ = panics_in_error_if().await;
        }),
        tokio::spawn(async {
            let _ = panics_in_error_type().await;
        }),
        tokio::spawn(async {
            let _ = panics_in_outcome().await;
        }),
    ] {
        assert!(panicked.await.unwrap_err().is_panic());
    }
    panics(|| {
        let _ = panics_in_sync_outcome();
    });
    let scrape = scrape();
    for operation in ["ok_if", "error_if", "error_type", "outcome", "sync"] {
        let requests = scrape.requests("panic_judge", operation);
        requests.assert(0, &[("panic", 1)]);
    }
}
