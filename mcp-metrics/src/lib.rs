#![doc = include_str!("../README.md")]
// Shows on docs.rs which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod catalog;
#[cfg(feature = "testing")]
pub mod testing;

mod classify;
mod encode;
mod exporter;
#[cfg(feature = "http")]
mod http;
mod instrument;
#[cfg(feature = "push")]
mod push;
mod recorder;
mod reentrancy;
#[cfg(any(feature = "auth", feature = "push"))]
mod secret;
mod snapshot;
mod storage;
mod sync;
mod system;

#[doc(hidden)]
pub mod __private;

pub use classify::{ErrorType, Outcome};
pub use encode::{
    CacheSummary, ExecutionSummary, FunctionSummary, LlmSummary, MetricsSummary, RequestSummary,
    RetrySummary, SystemSummary,
};
pub use exporter::{Exporter, ExporterBuilder, InstallError};
#[cfg(feature = "auth")]
pub use http::AccessError;
#[cfg(feature = "tls")]
pub use http::{Tls, TlsError};
pub use instrument::{
    CacheAccess, CodeExecution, ExecutionStatus, Request, TrackRequest, TrackedFunction,
    track_cache_access, track_code_execution, track_llm_call, track_request, track_retry,
    track_search_call, tracked_functions,
};
pub use mcp_metrics_macros::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
    tracked_search,
};
#[cfg(feature = "push")]
pub use push::{InvalidPushGateway, PushGateway};
pub use recorder::MetricsRecorder;
#[cfg(any(feature = "auth", feature = "push"))]
pub use secret::{Secret, SecretError};
pub use storage::InvalidBuckets;
