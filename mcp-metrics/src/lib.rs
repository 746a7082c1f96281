#![doc = include_str!("../README.md")]

pub mod catalog;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(feature = "auth")]
mod access;
mod builder;
mod clock;
mod encode;
mod exporter;
mod histogram;
#[cfg(feature = "http")]
mod http;
mod instrument;
mod outcome;
#[cfg(feature = "push")]
mod push;
mod recorder;
mod reentry;
mod request;
mod retry;
#[cfg(any(feature = "auth", feature = "push"))]
mod secret;
mod snapshot;
mod storage;
#[cfg(feature = "stream")]
mod stream;
mod sync;
mod system;

#[doc(hidden)]
pub mod __private;

#[cfg(feature = "auth")]
pub use access::AccessError;
pub use builder::{ExporterBuilder, InstallError};
pub use encode::{
    CacheSummary, ExecutionSummary, FunctionSummary, LlmSummary, MetricsSummary, RequestSummary,
    RetrySummary, SystemSummary,
};
pub use exporter::Exporter;
pub use histogram::InvalidBuckets;
#[cfg(feature = "tls")]
pub use http::{Tls, TlsError};
pub use instrument::{
    ExecutionStatus, TrackedFunction, track_cache_access, track_code_execution, track_llm_call,
    track_retry, track_search_call, tracked_functions,
};
pub use mcp_metrics_macros::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
    tracked_search,
};
pub use outcome::{ErrorType, Outcome};
#[cfg(feature = "push")]
pub use push::{InvalidPushGateway, PushGateway};
pub use recorder::MetricsRecorder;
pub use request::{Request, TrackRequest, track_request};
#[cfg(any(feature = "auth", feature = "push"))]
pub use secret::{Secret, SecretError};
