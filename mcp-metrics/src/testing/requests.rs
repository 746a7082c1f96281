//! Queries for the requests of an agent.

use std::collections::BTreeMap;
use std::fmt;

use super::collect::{Collected, Series};
use super::query::Query;
use super::{Lost, Recording};
use crate::catalog;

/// The requests of one operation of one agent, from [`Recording::requests`].
///
/// Two values are equal if their labels and numbers are.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Requests {
    /// The label `agent`.
    pub agent: String,
    /// The label `operation`.
    pub operation: String,
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
    pub(super) context: Context,
}

/// What else was recorded, for assertion messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    /// Agent and operation of all recorded requests.
    pub(super) pairs: Vec<[String; 2]>,
    pub(super) lost: Lost,
}

impl Recording {
    /// Returns the requests of `operation` by `agent`. If there are none, but of a similar agent
    /// and operation, a note is printed, which `cargo test` shows if the test fails.
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
        let requests = Requests {
            agent: agent.to_owned(),
            operation: operation.to_owned(),
            total: sum(catalog::REQUESTS, &labels),
            success: sum(catalog::REQUESTS_SUCCESS, &labels),
            failed: failed
                .map(|s| (s.label("error_type").to_owned(), s.count()))
                .collect(),
            observed: sum(catalog::REQUEST_DURATION, &labels),
            active: active as u64,
            context: Context {
                pairs: pairs(&collected),
                lost: self.lost_first(|key| {
                    let of_key = key.labels().map(|label| (label.key(), label.value()));
                    of_key.take(labels.len()).eq(labels)
                }),
            },
        };
        let subject = format!("{agent:?} {operation:?}");
        self.hints.print(&subject, || requests.misspelt());
        requests
    }
}

/// Returns agent and operation of all recorded requests.
fn pairs(collected: &Collected) -> Vec<[String; 2]> {
    let requests = collected.select(catalog::REQUESTS, &[]);
    let pair = |series: &Series| ["agent", "operation"].map(|name| series.label(name).to_owned());
    requests.map(pair).collect()
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
///     "requests of agent `planner`, operation `plan`: 2 (1 succeeded, 1 failed as Stuck, \
///      2 observed, 0 active)",
/// );
/// ```
impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject(), self.numbers())
    }
}

impl Requests {
    /// Returns the labels for a message.
    pub(super) fn subject(&self) -> String {
        let (agent, operation) = (&self.agent, &self.operation);
        format!("requests of agent `{agent}`, operation `{operation}`")
    }

    /// Returns the numbers for a message.
    pub(super) fn numbers(&self) -> String {
        let mut numbers = vec![format!("{} succeeded", self.success)];
        let failed = self.failed.iter();
        numbers.extend(failed.map(|(error_type, count)| failures(error_type, *count)));
        numbers.push(format!("{} observed", self.observed));
        numbers.push(format!("{} active", self.active));
        format!("{} ({})", self.total, numbers.join(", "))
    }
}

/// Returns the number of failures with an `error_type` for a message.
pub(super) fn failures(error_type: &str, count: u64) -> String {
    format!("{count} failed as {error_type}")
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests")
            .field("agent", &self.agent)
            .field("operation", &self.operation)
            .field("total", &self.total)
            .field("success", &self.success)
            .field("failed", &self.failed)
            .field("observed", &self.observed)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Requests {
    fn eq(&self, other: &Self) -> bool {
        fn compared(it: &Requests) -> impl PartialEq + '_ {
            let labels = (&it.agent, &it.operation);
            let numbers = (it.total, it.success, it.observed, it.active);
            (labels, numbers, &it.failed)
        }
        compared(self) == compared(other)
    }
}

impl Eq for Requests {}
