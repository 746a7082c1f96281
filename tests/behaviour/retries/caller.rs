//! A retry loop in a function that reads the location of its caller.

use std::cell::Cell;
use std::panic::Location;

use mcp_metrics::tracked_retry;
use mcp_metrics_tests::exporter;

use super::{Failure, assert_retries, service};

#[tracked_retry("caller")]
#[track_caller]
fn located(failures: &Cell<u32>) -> Result<u32, Failure> {
    loop {
        if service(failures).is_ok() {
            break Ok(Location::caller().line());
        }
    }
}

#[test]
fn track_caller_function_with_a_loop_sees_its_caller() {
    exporter();
    assert_eq!(located(&Cell::new(2)), Ok(line!()));
    assert_retries("caller", &[1, 1], 0);
}
