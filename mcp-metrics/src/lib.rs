#![doc = include_str!("../docs/crate.md")]
// Shows on docs.rs which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod catalog;
#[cfg(doc)]
pub mod guide;
#[cfg(feature = "rmcp")]
pub mod mcp;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "axum")]
pub mod web;

mod classify;
#[cfg(feature = "exporter")]
mod encode;
#[cfg(feature = "exporter")]
mod exporter;
#[cfg(feature = "http")]
mod http;
#[cfg(any(feature = "axum", feature = "rmcp"))]
mod http_message;
mod instrument;
#[cfg(feature = "exporter")]
mod metrics_source;
#[cfg(feature = "push")]
mod push;
#[cfg(feature = "exporter")]
mod recorder;
mod reentrancy;
mod request_labels;
#[cfg(any(feature = "auth", feature = "push"))]
mod secret;
#[cfg(feature = "exporter")]
mod snapshot;
#[cfg(feature = "exporter")]
mod storage;
#[cfg(feature = "exporter")]
mod sync;
#[cfg(feature = "exporter")]
mod system;

#[doc(hidden)]
pub mod __private;

pub use classify::{ErrorType, Outcome};
#[cfg(feature = "exporter")]
pub use encode::{
    CacheSummary, DurationSummary, ExecutionSummary, ExporterSummary, FunctionSummary, LlmSummary,
    MetricsSummary, RequestSummary, RetrySummary, SystemSummary,
};
#[cfg(all(feature = "exporter", feature = "rmcp"))]
pub use encode::{McpServerSummary, McpSessionSummary, McpToolSummary};
#[cfg(feature = "exporter")]
pub use exporter::{
    Exporter, ExporterBuilder, InstallError, InvalidMatcher, Matcher, ShutdownGuard, ShutdownReport,
};
#[cfg(feature = "auth")]
pub use http::AccessError;
#[cfg(feature = "tls")]
pub use http::{Tls, TlsError};
#[cfg(feature = "stream")]
pub use instrument::LlmStream;
#[cfg(feature = "stream")]
pub use instrument::stream::{TrackedStream, track_stream, track_stream_with};
pub use instrument::{
    CacheAccess, CodeExecution, ExecutionStatus, LlmCall, Request, TokenUsage, TrackRequest,
    TrackedFunction, track_cache_access, track_code_execution, track_llm_call, track_request,
    track_retry, track_search_call, tracked_functions,
};
pub use mcp_metrics_macros::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
    tracked_search,
};
#[cfg(feature = "push")]
pub use push::{InvalidPushGateway, PushError, PushGateway};
#[cfg(feature = "exporter")]
pub use recorder::MetricsRecorder;
#[cfg(any(feature = "auth", feature = "push"))]
pub use secret::{Secret, SecretError};
#[cfg(feature = "exporter")]
pub use storage::InvalidBuckets;
