//! The hub's families as a [`MetricsSummary`].

mod buckets;
mod entries;
mod llm;
#[cfg(feature = "rmcp")]
mod mcp;
mod types;

use std::collections::BTreeMap;

use crate::catalog;
use crate::instrument::tracked_functions;
use crate::snapshot::{Descriptor, Encoder, HistogramSnapshot, Labels};

use entries::Entries;

pub use buckets::DurationSummary;
pub use llm::LlmSummary;
#[cfg(feature = "rmcp")]
pub use mcp::{McpServerSummary, McpSessionSummary, McpToolSummary};
pub use types::{
    CacheSummary, ExecutionSummary, ExporterSummary, FunctionSummary, MetricsSummary,
    RequestSummary, RetrySummary, SystemSummary,
};

/// An encoder for a [`MetricsSummary`].
#[derive(Debug, Default)]
pub(crate) struct SummaryEncoder {
    summary: MetricsSummary,
    /// The current family's name in the catalogue.
    family: String,
    requests: Entries<RequestSummary>,
    llm: llm::LlmCalls,
    caches: Entries<CacheSummary>,
    retries: Entries<RetrySummary>,
    active: Vec<(String, u64)>,
    #[cfg(feature = "rmcp")]
    mcp: mcp::McpServer,
}

impl SummaryEncoder {
    /// Returns the summary, with the functions that the program was linked with.
    pub(crate) fn finish(self) -> MetricsSummary {
        MetricsSummary {
            requests: self.requests.sorted(),
            llm_api_calls: self.llm.sorted(),
            caches: self.caches.sorted(),
            retries: self.retries.sorted(),
            // `collect` is faster than single insertions, since the entries are sorted.
            active_operations: self.active.into_iter().collect(),
            functions: tracked_functions().into_iter().map(Into::into).collect(),
            #[cfg(feature = "rmcp")]
            mcp_server: self.mcp.finish(),
            ..self.summary
        }
    }

    /// Counts an exported series with this many samples.
    fn count_series(&mut self, samples: usize) {
        let exporter = &mut self.summary.exporter;
        exporter.series += 1;
        exporter.samples += samples as u64;
    }

    fn request(&mut self, labels: &Labels<'_>) -> &mut RequestSummary {
        self.requests
            .get(labels.get("agent"), labels.get("operation"))
    }

    fn cache(&mut self, labels: &Labels<'_>) -> &mut CacheSummary {
        self.caches.get(labels.get("cache_type"), "")
    }

    fn retry(&mut self, labels: &Labels<'_>) -> &mut RetrySummary {
        self.retries.get(labels.get("service"), "")
    }
}

impl Encoder for SummaryEncoder {
    fn family(&mut self, family: &Descriptor<'_>) {
        self.family.clear();
        self.family.push_str(family.catalogue_name);
        self.requests.rewind();
        self.caches.rewind();
        self.retries.rewind();
    }

    fn counter(&mut self, labels: Labels<'_>, value: u64) {
        self.count_series(1);
        match &*self.family {
            catalog::OVERFLOWED => {
                let overflowed = &mut self.summary.exporter.overflowed;
                add(overflowed, labels.get("family"), value);
            }
            catalog::REQUESTS => self.request(&labels).total += value,
            catalog::REQUESTS_SUCCESS => self.request(&labels).success += value,
            catalog::REQUESTS_FAILED => {
                let failed = &mut self.request(&labels).failed;
                add(failed, labels.get("error_type"), value);
            }
            catalog::LLM_CALLS => self.llm.counter(&labels, value),
            catalog::SEARCH_CALLS => self.summary.search_api_calls = value,
            catalog::CODE_EXECUTIONS if labels.get("status") == "success" => {
                self.summary.code_executions.success = value;
            }
            catalog::CODE_EXECUTIONS => self.summary.code_executions.failure = value,
            catalog::CACHE_HITS => self.cache(&labels).hits += value,
            catalog::CACHE_MISSES => self.cache(&labels).misses += value,
            catalog::RETRIES => {
                let failed = &mut self.retry(&labels).failed_attempts;
                add(failed, labels.get("attempt"), value);
            }
            catalog::RETRIES_EXHAUSTED => self.retry(&labels).exhausted += value,
            #[cfg(feature = "rmcp")]
            family => self.mcp.counter(family, &labels, value),
            #[cfg(not(feature = "rmcp"))]
            _ => {}
        }
    }

    /// Does nothing: the summary has no such counter.
    fn float_counter(&mut self, _: Labels<'_>, _: f64) {}

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of requests; the cast saturates"
    )]
    fn gauge(&mut self, labels: Labels<'_>, value: f64) {
        self.count_series(1);
        let summary = &mut self.summary;
        match &*self.family {
            catalog::APP_INFO => {
                labels.get("name").clone_into(&mut summary.app_name);
                labels.get("version").clone_into(&mut summary.app_version);
            }
            catalog::UPTIME => summary.uptime_seconds = value,
            catalog::CPU_USAGE => summary.system.cpu_usage_percent = Some(value),
            catalog::MEMORY_USAGE => summary.system.memory_usage_percent = Some(value),
            catalog::MEMORY_AVAILABLE => summary.system.memory_available_bytes = Some(value),
            catalog::DISK_USAGE => summary.system.disk_usage_percent = Some(value),
            catalog::DISK_FREE => summary.system.disk_free_bytes = Some(value),
            catalog::ACTIVE_OPERATIONS => {
                let agent = labels.get("agent").to_owned();
                self.active.push((agent, value as u64));
            }
            #[cfg(feature = "rmcp")]
            family => self.mcp.gauge(family, &labels, value as u64),
            #[cfg(not(feature = "rmcp"))]
            _ => {}
        }
    }

    fn histogram(&mut self, labels: Labels<'_>, value: &HistogramSnapshot<'_>) {
        // The buckets, `+Inf` among them, the sum and the count.
        self.count_series(value.counts.len() + 2);
        if self.llm.histogram(&self.family, &labels, value) {
            return;
        }
        if self.family != catalog::REQUEST_DURATION {
            #[cfg(feature = "rmcp")]
            self.mcp.histogram(&self.family, &labels, value);
            return;
        }
        let request = self.request(&labels);
        request.duration_seconds += value.sum;
        request.count += buckets::add(&mut request.buckets, value);
    }
}

/// Adds to the count with this label.
fn add(counts: &mut BTreeMap<String, u64>, label: &str, value: u64) {
    match counts.get_mut(label) {
        Some(count) => *count += value,
        None => {
            counts.insert(label.to_owned(), value);
        }
    }
}
