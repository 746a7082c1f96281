//! Items that the macros' expansions use. Not part of the public API: they change with the macros.

pub use std::borrow::Cow;
pub use std::boxed::Box;
pub use std::future::Future;
pub use std::mem::{drop, forget};
pub use std::option::Option::{None, Some};
pub use std::thread::sleep;

pub use inventory;

pub use crate::classify::{
    DeclaredLabels, ErrorLabels, HasErrorLabels, HasOwnErrorLabels, Inner, InnerProbe, Mask, Probe,
    Returned, ViaAny, ViaErrorType, ViaFuture, ViaLabels, ViaOutcome, ViaResult, ViaTypeName,
    failure_if, label_error, label_value, no_labels, test, with_label,
};
pub use crate::instrument::request::{Dynamic, FirstCall, Labels, Request};
pub use crate::instrument::retry::{Attempts, RanOut, is_transient, retries_result, watch};
#[cfg(feature = "retry")]
pub use crate::instrument::retry::{Policy, Retries, pause};
#[cfg(feature = "stream")]
pub use crate::instrument::stream::track_stream;
pub use crate::instrument::{
    CACHE_HITS, CACHE_MISSES, CODE_EXECUTIONS, Callsite, CallsiteEntry, CounterCallsite,
    CounterEntry, Execution, LLM_CALLS, LookUp, RetryEntry, SEARCH_CALLS, begin, cache_access,
    cache_access_at, call, close, enter, label, labels, run_async,
};
