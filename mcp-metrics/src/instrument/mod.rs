//! Functions and types that user code and the macros' expansions call to record.

mod callsite;
#[cfg_attr(feature = "exporter", path = "time_stamp_clock.rs")]
#[cfg_attr(not(feature = "exporter"), path = "system_clock.rs")]
pub(crate) mod clock;
mod collected;
mod counter_callsite;
mod counters;
mod declare;
mod dispatch;
mod endless;
mod event_values;
mod expanded;
#[cfg(feature = "exporter")]
mod fast_path;
#[cfg(not(feature = "exporter"))]
#[path = "no_fast_path.rs"]
mod fast_path;
pub(crate) mod in_flight;
pub(crate) mod keyed;
pub(crate) mod llm;
#[cfg_attr(not(feature = "testing"), path = "no_lost.rs")]
pub(crate) mod lost;
#[cfg(not(all(feature = "retry", feature = "stream")))]
pub(crate) mod missing_features;
mod observed;
pub(crate) mod request;
pub(crate) mod retry;
#[cfg(feature = "stream")]
pub(crate) mod stream;

pub use callsite::{Callsite, TrackedFunction, tracked_functions};
pub use collected::Entry;
pub use counter_callsite::CounterCallsite;
pub use counters::{
    CACHE_HITS, CACHE_MISSES, CODE_EXECUTIONS, CacheAccess, CodeExecution, ExecutionStatus,
    LLM_CALLS, RetryLoop, SEARCH_CALLS, track_cache_access, track_code_execution, track_llm_call,
    track_retry, track_search_call,
};
pub(crate) use counters::{retries_exhausted, retry_failed};
pub(crate) use dispatch::{Dispatch, METADATA, current_recorder};
pub use endless::endless;
pub use event_values::{Execution, LookUp, cache_access, cache_access_at};
pub use expanded::{
    begin, begin_async, call, close, enter, forget, label, labels, never, succeed, track_future,
    tracked_by_block,
};
#[cfg(feature = "exporter")]
pub(crate) use fast_path::GlobalRegistry;
#[cfg(feature = "stream")]
pub use llm::LlmStream;
pub use llm::{LlmCall, TokenUsage};
pub use observed::observe;
pub use request::{Request, TrackRequest, track_request};
