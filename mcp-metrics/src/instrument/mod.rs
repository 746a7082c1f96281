//! Functions and types that user code and the macros' expansions call to record.

mod callsite;
pub(crate) mod clock;
mod counter_callsite;
mod counters;
mod dispatch;
mod registry;
pub(crate) mod request;
pub(crate) mod retry;
#[cfg(feature = "stream")]
pub(crate) mod stream;

pub(crate) use callsite::CallsiteSeries;
pub use callsite::{Callsite, CallsiteEntry, TrackedFunction, tracked_functions};
pub use counter_callsite::{CounterCallsite, CounterEntry};
pub use counters::{
    CACHE_HITS, CACHE_MISSES, CODE_EXECUTIONS, CacheAccess, CodeExecution, ExecutionStatus,
    LLM_CALLS, RetryEntry, SEARCH_CALLS, track_cache_access, track_code_execution, track_llm_call,
    track_retry, track_search_call,
};
pub(crate) use counters::{retries_exhausted, retry_failed};
pub(crate) use dispatch::{Dispatch, METADATA, current_recorder};
pub(crate) use registry::GlobalRegistry;
pub use request::{Request, TrackRequest, track_request};
