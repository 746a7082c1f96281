//! The hub's metrics as numbers, for programs and pages that don't read the text format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::LlmSummary;
#[cfg(feature = "rmcp")]
use super::McpServerSummary;
use crate::instrument::TrackedFunction;

/// The hub's metrics at one moment, from [`Exporter::summary`](crate::Exporter::summary).
///
/// Lists are sorted by their labels. Counts are since the process started.
///
/// ```
/// use mcp_metrics::{Exporter, track_request};
///
/// let exporter = Exporter::builder().install()?;
/// track_request("web_search", "search").run(|| ());
///
/// let summary = exporter.summary();
/// let search = summary.requests.iter().find(|request| request.agent == "web_search").unwrap();
/// assert_eq!((search.total, search.success), (1, 1));
/// # Ok::<(), mcp_metrics::InstallError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MetricsSummary {
    /// The application's name.
    pub app_name: String,
    /// The application's version.
    pub app_version: String,
    /// Seconds since the exporter was installed.
    pub uptime_seconds: f64,
    /// System metrics.
    pub system: SystemSummary,
    /// Requests by agent and operation.
    pub requests: Vec<RequestSummary>,
    /// Requests in flight, by agent.
    pub active_operations: BTreeMap<String, u64>,
    /// LLM API calls by provider and model.
    pub llm_api_calls: Vec<LlmSummary>,
    /// Search API calls.
    pub search_api_calls: u64,
    /// Code executions.
    pub code_executions: ExecutionSummary,
    /// Cache accesses by type of cache.
    pub caches: Vec<CacheSummary>,
    /// Retry loops by service.
    pub retries: Vec<RetrySummary>,
    /// The functions of the program that are tracked under literal labels, called or not.
    ///
    /// A function whose labels have no request in [`requests`](Self::requests) was never called.
    pub functions: Vec<FunctionSummary>,
    /// The export itself.
    #[serde(default)]
    pub exporter: ExporterSummary,
    /// The MCP server, if the program has one that is wrapped in
    /// [`Metered`](crate::mcp::Metered) and was used. Not serialized otherwise.
    #[cfg(feature = "rmcp")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mcp_server: Option<McpServerSummary>,
}

/// System metrics. Unknown values are `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SystemSummary {
    /// CPU usage over the last sampling interval, as a percentage of the control group's quota if
    /// it has one, of all cores otherwise.
    pub cpu_usage_percent: Option<f64>,
    /// Memory usage, in percent.
    pub memory_usage_percent: Option<f64>,
    /// Available memory, in bytes.
    pub memory_available_bytes: Option<f64>,
    /// Usage of the file system, in percent.
    pub disk_usage_percent: Option<f64>,
    /// Free space of the file system, in bytes.
    pub disk_free_bytes: Option<f64>,
}

/// The export: its size, and when it was last read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExporterSummary {
    /// Exported series, those of other crates included. A histogram of one label set is one series.
    pub series: u64,
    /// The samples of these series in the text format, which is also the number of series that
    /// Prometheus stores. A histogram has one for each bucket, one for its sum and one for its count.
    pub samples: u64,
    /// Recordings beyond the limit of label sets, which are counted under `other`, by family.
    pub overflowed: BTreeMap<String, u64>,
    /// Seconds since the metrics were last rendered: for a scrape, for a push, or by
    /// [`Exporter::render`](crate::Exporter::render). `None` if they never were.
    pub last_export_seconds: Option<f64>,
}

/// The requests of one operation of one agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RequestSummary {
    /// The agent.
    pub agent: String,
    /// The operation.
    pub operation: String,
    /// Requests started.
    pub total: u64,
    /// Successful requests.
    pub success: u64,
    /// Failed requests, by `error_type`.
    pub failed: BTreeMap<String, u64>,
    /// The sum of all request durations, in seconds.
    pub duration_seconds: f64,
    /// The finite bucket bounds in seconds, each with the number of requests at or below it.
    pub buckets: Vec<(f64, u64)>,
    /// Requests whose duration was observed.
    pub count: u64,
}

/// Code executions by status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExecutionSummary {
    /// Executions that succeeded.
    pub success: u64,
    /// Executions that failed.
    pub failure: u64,
}

/// Accesses to one type of cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CacheSummary {
    /// The type of cache.
    pub cache_type: String,
    /// Cache hits.
    pub hits: u64,
    /// Cache misses.
    pub misses: u64,
}

/// Retry loops of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetrySummary {
    /// The service.
    pub service: String,
    /// Failed attempts, by attempt number.
    pub failed_attempts: BTreeMap<String, u64>,
    /// Loops that gave up.
    pub exhausted: u64,
}

/// A function that is tracked under literal labels: a [`TrackedFunction`] without its file, since a
/// summary that is served over a network should not reveal build paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FunctionSummary {
    /// The label `agent`.
    pub agent: String,
    /// The label `operation`.
    pub operation: String,
    /// The module's path.
    pub module: String,
    /// The line of the attribute.
    pub line: u32,
}

impl From<TrackedFunction> for FunctionSummary {
    fn from(function: TrackedFunction) -> Self {
        Self {
            agent: function.agent.to_owned(),
            operation: function.operation.to_owned(),
            module: function.module.to_owned(),
            line: function.line,
        }
    }
}
