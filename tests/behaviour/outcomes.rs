//! Outcomes of requests. Every request ends exactly once.

use std::error::Error;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use mcp_metrics::{ErrorType, Outcome, track_request, tracked};
use mcp_metrics_tests::{PROVOKED, exporter, panics, quiet_panics, scrape};
use tokio::task::yield_now;

#[derive(Debug, ErrorType)]
#[expect(dead_code, reason = "the fields matter only for the label")]
enum Failure {
    Timeout,
    #[error_type("Upstream")]
    Provider {
        status: u16,
    },
    #[error_type(transparent)]
    Io(std::io::Error),
    #[error_type(transparent)]
    Json {
        inner: serde_json::Error,
    },
}

type Alias<T> = std::result::Result<T, Failure>;

#[tracked("alias", "outcome")]
fn alias(case: u8) -> Alias<u8> {
    match case {
        0 => Ok(0),
        1 => Err(Failure::Timeout),
        2 => return Err(Failure::Provider { status: 503 }),
        3 => Err(std::fs::read("/no/such/file")
            .map_err(Failure::Io)
            .unwrap_err()),
        _ => {
            serde_json::from_str::<u8>("?").map_err(|inner| Failure::Json { inner })?;
            Ok(0)
        }
    }
}

#[test]
fn err_of_an_aliased_result_is_a_failure_with_the_error_label() {
    exporter();
    (0..5).for_each(|case| drop(alias(case)));
    scrape().requests("alias", "outcome").assert(
        1,
        &[
            ("Timeout", 1),
            ("Upstream", 1),
            ("NotFound", 1),
            ("serde_json::Error", 1),
        ],
    );
}

#[tracked("std", "outcome")]
fn std_errors(case: u8) -> Result<(), Box<dyn Error + Send + Sync>> {
    match case {
        0 => drop("x".parse::<u8>()?),
        1 => drop(std::fs::read("/no/such/file")?),
        _ => {}
    }
    Ok(())
}

#[tracked("foreign", "outcome")]
fn foreign_error() -> Result<(), std::num::ParseIntError> {
    "x".parse::<u8>().map(drop)
}

#[tracked("text", "outcome")]
fn text_error() -> Result<(), String> {
    Err("it went wrong in a long sentence".into())
}

#[test]
fn unlabelled_errors_are_labelled_by_their_type() {
    exporter();
    (0..3).for_each(|case| drop(std_errors(case)));
    scrape()
        .requests("std", "outcome")
        .assert(1, &[("ParseIntError", 1), ("NotFound", 1)]);
    drop(foreign_error());
    scrape()
        .requests("foreign", "outcome")
        .assert(0, &[("ParseIntError", 1)]);
    drop(text_error());
    scrape()
        .requests("text", "outcome")
        .assert(0, &[("String", 1)]);
}

struct Reply(u16);

impl Outcome for Reply {
    fn failure(&self) -> Option<std::borrow::Cow<'static, str>> {
        (self.0 >= 500).then(|| "5xx".into())
    }
}

#[tracked("own", "outcome")]
fn reply(status: u16) -> Reply {
    Reply(status)
}

struct Opaque;

#[tracked("opaque", "outcome")]
fn opaque() -> Opaque {
    Opaque
}

#[tracked("option", "outcome")]
fn option() -> Option<u8> {
    None
}

#[test]
fn other_values_are_successes_unless_their_outcome_is_a_failure() {
    exporter();
    assert_eq!(reply(200).0 + reply(503).0, 703);
    scrape().requests("own", "outcome").assert(1, &[("5xx", 1)]);
    opaque();
    scrape().requests("opaque", "outcome").assert(1, &[]);
    assert_eq!(option(), None);
    scrape().requests("option", "outcome").assert(1, &[]);
}

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

#[tracked("bystander", "outcome")]
async fn bystander() {
    pending().await
}

#[tokio::test]
async fn future_dropped_by_the_panic_of_another_is_cancelled() {
    exporter();
    quiet_panics();
    let task = tokio::spawn(async {
        let mut waiting = Box::pin(bystander());
        tokio::select! {
            biased;
            () = &mut waiting => {}
            () = yield_now() => panic!("provoked by a test"),
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    scrape()
        .requests("bystander", "outcome")
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

#[test]
fn request_is_active_from_start_to_end() {
    exporter();
    let active = || scrape().value("mcp_hub_active_operations", &[("agent", "guard")]);
    let first = track_request("guard", "one").start();
    let second = track_request("guard", "two").start();
    assert_eq!(active(), 2.0);
    first.success();
    assert_eq!(active(), 1.0);
    second.finish(&"x".parse::<u8>());
    assert_eq!(active(), 0.0);
    drop(track_request("guard", "two").start());
    scrape().requests("guard", "one").assert(1, &[]);
    scrape()
        .requests("guard", "two")
        .assert(0, &[("ParseIntError", 1), ("cancelled", 1)]);
}

#[test]
fn track_request_records_the_outcome_of_a_closure() {
    exporter();
    assert_eq!(track_request("closure", "run").run(|| 7), 7);
    drop(track_request("closure", "run").run(|| Err::<(), _>(Failure::Timeout)));
    panics(|| track_request("closure", "run").run(|| panic!("provoked by a test")));
    let value = track_request("closure", "run").run_with(|| Opaque, |_| Some("Bad".into()));
    assert!(matches!(value, Opaque));
    let failed = [("Timeout", 1), ("panic", 1), ("Bad", 1)];
    scrape().requests("closure", "run").assert(1, &failed);
}

#[tokio::test]
async fn track_request_records_the_outcome_of_a_future() {
    exporter();
    let name = String::from("dynamic agent");
    assert_eq!(
        track_request(name.clone(), "run")
            .run_async(async { 7 })
            .await,
        7
    );
    let failing = async { Err::<(), _>(Failure::Timeout) };
    drop(track_request(name.clone(), "run").run_async(failing).await);
    let cancelled = track_request(name.clone(), "run").run_async(pending::<()>());
    assert!(
        tokio::time::timeout(Duration::ZERO, cancelled)
            .await
            .is_err()
    );
    drop(track_request(name.clone(), "run").run_async(pending::<()>()));
    scrape()
        .requests(&name, "run")
        .assert(1, &[("Timeout", 1), ("cancelled", 1)]);
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
