//! Encoders of a snapshot.

mod number;
#[cfg(feature = "http")]
mod openmetrics;
#[cfg(feature = "protobuf")]
mod protobuf;
mod summary;
mod text;

#[cfg(feature = "testing")]
pub(crate) use number::write_float;
#[cfg(feature = "http")]
pub(crate) use openmetrics::OpenMetrics;
#[cfg(feature = "protobuf")]
pub(crate) use protobuf::Protobuf;
pub(crate) use summary::SummaryEncoder;
pub use summary::{
    CacheSummary, DurationSummary, ExecutionSummary, ExporterSummary, FunctionSummary, LlmSummary,
    MetricsSummary, RequestSummary, RetrySummary, SystemSummary,
};
#[cfg(feature = "rmcp")]
pub use summary::{McpServerSummary, McpSessionSummary, McpToolSummary};
#[cfg(any(feature = "http", feature = "push"))]
pub(crate) use text::TEXT_FORMAT;
pub(crate) use text::{Dialect, Prometheus, Text};
