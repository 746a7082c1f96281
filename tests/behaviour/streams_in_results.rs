//! `#[tracked(stream)]`: one request from the call of a function to the end of the stream in its value.

use std::future::Future;
use std::pin::{Pin, pin};

use futures_util::future::{BoxFuture, FusedFuture, FutureExt as _};
use futures_util::stream::{self, BoxStream, FusedStream, Stream, StreamExt as _, TryStream};
use mcp_metrics::{ErrorType, tracked};
use mcp_metrics_tests::{PROVOKED, exporter, quiet_panics, scrape};

#[path = "streams_in_results/arguments.rs"]
mod arguments;
#[path = "streams_in_results/endings.rs"]
mod endings;
#[path = "streams_in_results/shapes.rs"]
mod shapes;
#[path = "streams_in_results/stacked.rs"]
mod stacked;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ErrorType)]
enum Refused {
    Auth,
    Quota,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ErrorType)]
enum Broken {
    Reset,
    Timeout,
}

type Item = Result<u8, Broken>;
type Items = Vec<Item>;

/// Asserts the counts of an agent whose requests have ended.
fn assert(agent: &str, success: u32, failed: &[(&str, u32)]) {
    scrape().requests(agent, "open").assert(success, failed);
}

/// Returns the number of an agent's requests in flight.
fn active(agent: &str) -> f64 {
    scrape().requests(agent, "open").active
}
