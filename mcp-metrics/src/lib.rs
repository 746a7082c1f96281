#![doc = include_str!("../README.md")]

pub mod catalog;

mod builder;
mod events;
mod exporter;
mod exposition;
mod histogram;
#[cfg(feature = "http")]
mod http;
mod limit;
mod outcome;
mod recorder;
mod request;
mod retry;
mod site;
mod system;

#[doc(hidden)]
pub mod __private;

pub use builder::{ExporterBuilder, InstallError};
pub use events::{
    ExecutionStatus, track_cache_access, track_code_execution, track_llm_call, track_retry,
    track_search_call,
};
pub use exporter::{
    CacheSummary, ExecutionSummary, Exporter, LlmSummary, MetricsSummary, RequestSummary,
    RetrySummary, SystemSummary,
};
pub use histogram::InvalidBuckets;
pub use mcp_metrics_macros::{ErrorType, tracked, tracked_retry};
pub use outcome::{ErrorType, Outcome};
pub use recorder::MetricsRecorder;
pub use request::{Request, TrackRequest, track_request};
