//! Queries for the requests of an agent.

use std::collections::BTreeMap;
use std::fmt;

use super::Recording;
use super::collect::Series;
use super::query::Query;
use crate::catalog;

/// The requests of one operation of one agent, from [`Recording::requests`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requests {
    /// Requests started.
    pub total: u64,
    /// Successful requests.
    pub success: u64,
    /// Failed requests, by `error_type`.
    pub failed: BTreeMap<String, u64>,
    /// Requests whose duration was observed.
    pub observed: u64,
    /// Requests of the agent in flight, of this and all other operations.
    pub active: u64,
}

impl Recording {
    /// Returns the requests of `operation` by `agent`.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let ((), metrics) = testing::record(|| {
    ///     track_request("planner", "plan").run(|| ());
    ///     track_request("planner", "plan").start().failure("Stuck");
    /// });
    /// let requests = metrics.requests("planner", "plan");
    /// assert_eq!((requests.total, requests.success), (2, 1));
    /// assert_eq!(requests.failed["Stuck"], 1);
    /// ```
    #[must_use]
    pub fn requests(&self, agent: &str, operation: &str) -> Requests {
        // From one snapshot, so that the numbers are consistent while requests are in flight.
        let collected = self.collect();
        let labels = [("agent", agent), ("operation", operation)];
        let sum = |family, labels: &[_]| -> u64 {
            let query = Query::new(family, labels);
            query.select(&collected).map(Series::count).sum()
        };
        let active = Query::new(catalog::ACTIVE_OPERATIONS, &labels[..1]);
        let active: f64 = active.select(&collected).map(Series::float).sum();
        let failed = Query::new(catalog::REQUESTS_FAILED, &labels);
        let failed = failed.select(&collected).filter(|s| s.count() > 0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of requests; the cast saturates"
        )]
        Requests {
            total: sum(catalog::REQUESTS, &labels),
            success: sum(catalog::REQUESTS_SUCCESS, &labels),
            failed: failed
                .map(|s| (s.label("error_type").to_owned(), s.count()))
                .collect(),
            observed: sum(catalog::REQUEST_DURATION, &labels),
            active: active as u64,
        }
    }
}

impl Requests {
    /// Returns the number of requests that failed with this `error_type`.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let (_, metrics) = testing::record(|| track_request("a", "b").run(|| "x".parse::<u8>()));
    /// assert_eq!(metrics.requests("a", "b").failed_as("ParseIntError"), 1);
    /// assert_eq!(metrics.requests("a", "b").failed_as("Timeout"), 0);
    /// ```
    #[must_use]
    pub fn failed_as(&self, error_type: &str) -> u64 {
        self.failed.get(error_type).copied().unwrap_or_default()
    }

    /// Asserts that `success` requests succeeded, that exactly the requests in `failed` failed, and
    /// that none is in flight.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let ((), metrics) = testing::record(|| track_request("planner", "plan").run(|| ()));
    /// metrics.requests("planner", "plan").assert(1, &[]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the recorded requests differ.
    #[track_caller]
    pub fn assert(&self, success: u64, failed: &[(&str, u64)]) {
        let failures: u64 = failed.iter().map(|(_, count)| count).sum();
        let failed = failed.iter().filter(|(_, count)| *count > 0);
        let expected = Self {
            total: success + failures,
            success,
            failed: failed.map(|(e, n)| ((*e).to_owned(), *n)).collect(),
            observed: success + failures,
            active: 0,
        };
        assert!(*self == expected, "expected {expected}, recorded {self}");
    }
}

/// Formats the requests for assertion messages.
///
/// ```
/// use mcp_metrics::{testing, track_request};
///
/// let ((), metrics) = testing::record(|| {
///     track_request("planner", "plan").run(|| ());
///     track_request("planner", "plan").start().failure("Stuck");
/// });
/// assert_eq!(
///     metrics.requests("planner", "plan").to_string(),
///     "2 requests (1 succeeded, 1 failed as Stuck, 2 observed, 0 active)",
/// );
/// ```
impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests ({} succeeded", self.total, self.success)?;
        for (error_type, count) in &self.failed {
            write!(f, ", {count} failed as {error_type}")?;
        }
        write!(f, ", {} observed, {} active)", self.observed, self.active)
    }
}
