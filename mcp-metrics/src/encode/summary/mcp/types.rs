//! The metrics of an MCP server as numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::buckets;
use crate::snapshot::HistogramSnapshot;

/// The metrics of an MCP server that is wrapped in [`Metered`](crate::mcp::Metered).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpServerSummary {
    /// The tools that were called.
    pub tools: Vec<McpToolSummary>,
    /// Calls of tools that the server does not have.
    pub unknown_tool_calls: u64,
    /// Requests in flight, by method.
    pub active_requests: BTreeMap<String, u64>,
    /// Sessions that have begun, by client.
    pub sessions: Vec<McpSessionSummary>,
    /// Open sessions, by transport: `pipe` for stdio, `tcp` for HTTP.
    pub active_sessions: BTreeMap<String, u64>,
}

/// The calls of one tool that ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpToolSummary {
    /// The tool.
    pub tool: String,
    /// Calls that ended, successful or failed.
    pub calls: u64,
    /// Failed calls, by `error_type`.
    pub failed: BTreeMap<String, u64>,
    /// The sum of the durations of all calls, in seconds.
    pub duration_seconds: f64,
    /// The finite bucket bounds in seconds, each with the number of calls at or below it.
    pub buckets: Vec<(f64, u64)>,
}

/// The sessions of one client that have begun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct McpSessionSummary {
    /// The client's name.
    pub client_name: String,
    /// The client's version.
    pub client_version: String,
    /// The negotiated version of the protocol.
    pub protocol_version: String,
    /// The sessions.
    pub sessions: u64,
}

impl McpToolSummary {
    pub(super) fn new(tool: &str) -> Self {
        Self {
            tool: tool.to_owned(),
            ..Self::default()
        }
    }

    /// Adds the calls of a series, and returns their number.
    pub(super) fn observe(&mut self, value: &HistogramSnapshot<'_>) -> u64 {
        self.duration_seconds += value.sum;
        let calls = buckets::add(&mut self.buckets, value);
        self.calls += calls;
        calls
    }

    /// Estimates a quantile of the durations in seconds, as Prometheus' `histogram_quantile` does:
    /// by linear interpolation within a bucket. Above the last finite bound, it returns that bound.
    /// Returns `None` if no call ended, or if `q` is not between 0 and 1.
    ///
    /// ```
    /// # use mcp_metrics::McpToolSummary;
    /// let mut tool = McpToolSummary::default();
    /// assert_eq!(tool.quantile(0.5), None);
    /// tool.calls = 20;
    /// tool.buckets = vec![(1.0, 5), (2.0, 15), (4.0, 20)];
    /// assert_eq!((tool.quantile(0.5), tool.quantile(0.95)), (Some(1.5), Some(3.6)));
    /// ```
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        buckets::quantile(&self.buckets, self.calls, q)
    }
}

impl McpSessionSummary {
    pub(super) fn labels(&self) -> (&str, &str, &str) {
        (
            &self.client_name,
            &self.client_version,
            &self.protocol_version,
        )
    }
}
