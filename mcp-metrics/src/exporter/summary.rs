//! The hub's metrics as numbers, for programs and pages that don't speak the text format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog;
use crate::exposition::{Sample, samples};
use crate::site::{TrackedFunction, tracked_functions};

/// The hub's metrics at one moment, from [`Exporter::summary`](crate::Exporter::summary).
///
/// Lists are sorted by their labels. Counts are since the program began.
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
    /// The state of the machine.
    pub system: SystemSummary,
    /// Requests by agent and operation.
    pub requests: Vec<RequestSummary>,
    /// Requests that have not ended, by agent.
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
    /// The functions of the program that are tracked under labels from the source, called or not.
    ///
    /// One whose labels have no request in [`requests`](Self::requests) was never called.
    pub functions: Vec<FunctionSummary>,
}

/// The state of the machine; what is not known is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SystemSummary {
    /// Use of all processors over the last sampling interval, 0 to 100.
    pub cpu_usage_percent: Option<f64>,
    /// Memory in use, 0 to 100.
    pub memory_usage_percent: Option<f64>,
    /// Memory that can still be had, in bytes.
    pub memory_available_bytes: Option<f64>,
    /// Use of the file system, 0 to 100.
    pub disk_usage_percent: Option<f64>,
    /// Free space of the file system, in bytes.
    pub disk_free_bytes: Option<f64>,
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
    /// Requests that ended well.
    pub success: u64,
    /// Requests that ended badly, by `error_type`.
    pub failed: BTreeMap<String, u64>,
    /// Seconds that all requests took together.
    pub duration_seconds: f64,
    /// Requests that took at most so many seconds, for each finite bucket bound.
    pub buckets: Vec<(f64, u64)>,
    /// Requests whose duration was observed.
    pub count: u64,
}

/// LLM API calls of one provider and model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LlmSummary {
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The calls.
    pub calls: u64,
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

/// Accesses of one type of cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CacheSummary {
    /// The type of cache.
    pub cache_type: String,
    /// Accesses that found their entry.
    pub hits: u64,
    /// Accesses that found nothing.
    pub misses: u64,
}

/// Retry loops of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetrySummary {
    /// The service.
    pub service: String,
    /// Failed attempts, by the number of the attempt.
    pub failed_attempts: BTreeMap<String, u64>,
    /// Loops that gave up.
    pub exhausted: u64,
}

/// A function that is tracked under labels from the source: a [`TrackedFunction`] without its file,
/// since what is read over a network need not tell where a program was built.
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

impl MetricsSummary {
    /// Sums up a rendered text, and adds what the program was linked with.
    pub(crate) fn of(text: &str) -> Self {
        let mut summary = Self {
            functions: tracked_functions().into_iter().map(Into::into).collect(),
            ..Self::default()
        };
        let mut requests = BTreeMap::<_, RequestSummary>::new();
        let mut caches = BTreeMap::<_, CacheSummary>::new();
        let mut retries = BTreeMap::<_, RetrySummary>::new();
        for sample in samples(text) {
            match sample.name {
                catalog::RETRIES | catalog::RETRIES_EXHAUSTED => {
                    let retry = retries.entry(sample.label("service")).or_default();
                    retry.take(&sample);
                }
                catalog::CACHE_HITS | catalog::CACHE_MISSES => {
                    let cache = caches.entry(sample.label("cache_type")).or_default();
                    cache.take(&sample);
                }
                name if is_request(name) => {
                    let pair = (sample.label("agent"), sample.label("operation"));
                    requests.entry(pair).or_default().take(&sample);
                }
                _ => summary.take(&sample),
            }
        }
        let requests = requests.into_iter();
        summary.requests = requests
            .map(|((agent, operation), request)| RequestSummary {
                agent: agent.into_owned(),
                operation: operation.into_owned(),
                ..request
            })
            .collect();
        let caches = caches.into_iter();
        summary.caches = caches
            .map(|(cache_type, cache)| CacheSummary {
                cache_type: cache_type.into_owned(),
                ..cache
            })
            .collect();
        let retries = retries.into_iter();
        summary.retries = retries
            .map(|(service, retry)| RetrySummary {
                service: service.into_owned(),
                ..retry
            })
            .collect();
        summary
    }

    fn take(&mut self, sample: &Sample<'_>) {
        match sample.name {
            catalog::APP_INFO => {
                self.app_name = sample.label("name").into_owned();
                self.app_version = sample.label("version").into_owned();
            }
            catalog::UPTIME => self.uptime_seconds = sample.value(),
            catalog::CPU_USAGE => self.system.cpu_usage_percent = Some(sample.value()),
            catalog::MEMORY_USAGE => self.system.memory_usage_percent = Some(sample.value()),
            catalog::MEMORY_AVAILABLE => self.system.memory_available_bytes = Some(sample.value()),
            catalog::DISK_USAGE => self.system.disk_usage_percent = Some(sample.value()),
            catalog::DISK_FREE => self.system.disk_free_bytes = Some(sample.value()),
            catalog::ACTIVE_OPERATIONS => {
                self.active_operations
                    .insert(sample.label("agent").into_owned(), sample.count());
            }
            catalog::LLM_CALLS => self.llm_api_calls.push(LlmSummary {
                provider: sample.label("provider").into_owned(),
                model: sample.label("model").into_owned(),
                calls: sample.count(),
            }),
            catalog::SEARCH_CALLS => self.search_api_calls = sample.count(),
            catalog::CODE_EXECUTIONS if sample.label("status") == "success" => {
                self.code_executions.success = sample.count();
            }
            catalog::CODE_EXECUTIONS => self.code_executions.failure = sample.count(),
            _ => {}
        }
    }
}

fn is_request(name: &str) -> bool {
    matches!(
        name,
        catalog::REQUESTS | catalog::REQUESTS_SUCCESS | catalog::REQUESTS_FAILED
    ) || name.starts_with(catalog::REQUEST_DURATION)
}

impl RequestSummary {
    fn take(&mut self, sample: &Sample<'_>) {
        match sample.name.strip_prefix(catalog::REQUEST_DURATION) {
            Some("_bucket") => {
                let bound = sample.label("le").parse().unwrap_or(f64::INFINITY);
                if f64::is_finite(bound) {
                    self.buckets.push((bound, sample.count()));
                }
            }
            Some("_sum") => self.duration_seconds = sample.value(),
            Some(_) => self.count = sample.count(),
            None if sample.name == catalog::REQUESTS => self.total = sample.count(),
            None if sample.name == catalog::REQUESTS_SUCCESS => self.success = sample.count(),
            None => {
                self.failed
                    .insert(sample.label("error_type").into_owned(), sample.count());
            }
        }
    }
}

impl CacheSummary {
    fn take(&mut self, sample: &Sample<'_>) {
        match sample.name {
            catalog::CACHE_HITS => self.hits = sample.count(),
            _ => self.misses = sample.count(),
        }
    }
}

impl RetrySummary {
    fn take(&mut self, sample: &Sample<'_>) {
        match sample.name {
            catalog::RETRIES_EXHAUSTED => self.exhausted = sample.count(),
            _ => {
                self.failed_attempts
                    .insert(sample.label("attempt").into_owned(), sample.count());
            }
        }
    }
}
