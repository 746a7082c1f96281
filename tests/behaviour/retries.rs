//! Retry loops: those in the function's body, and those that the attribute drives.

use std::cell::Cell;

use mcp_metrics::ErrorType;
use mcp_metrics_tests::{exporter, scrape};

#[path = "retries/caller.rs"]
mod caller;
#[path = "retries/conditions.rs"]
mod conditions;
#[path = "retries/driven.rs"]
mod driven;
#[path = "retries/stacked.rs"]
mod stacked;
#[path = "retries/written.rs"]
mod written;

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
