//! Outcomes of requests that `track_request` starts.

use std::future::pending;
use std::time::Duration;

use mcp_metrics::track_request;
use mcp_metrics_tests::{exporter, panics, scrape};

use super::{Failure, Opaque};

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
