//! Items that the macros' expansions use. Not part of the public API: they change with the macros.

pub use std::borrow::Cow;
pub use std::boxed::Box;
pub use std::future::Future;
pub use std::mem::drop;
pub use std::option::Option::{None, Some};
pub use std::thread::sleep;

pub use crate::classify::{
    DeclaredLabels, ErrorLabels, HasErrorLabels, HasOwnErrorLabels, Inner, InnerProbe, Mask, Probe,
    Unnamed, ViaAny, ViaErrorType, ViaFuture, ViaIntoFuture, ViaLabels, ViaNoFuture, ViaOutcome,
    ViaResult, ViaTypeName, borrowed, failure_if, label_error, label_value, no_labels, returned,
    test, with_label,
};
pub use crate::instrument::in_flight::{InFlight, Labels};
pub use crate::instrument::llm::{
    LiteralCall, LlmCallsite, Reply, ViaOk, ViaValue, llm_labels, llm_outcome,
};
#[cfg(not(all(feature = "retry", feature = "stream")))]
pub use crate::instrument::missing_features::*;
pub use crate::instrument::request::{Dynamic, FirstCall, Literal, Request};
pub use crate::instrument::retry::{Attempts, Policy, RanOut, is_transient, retries_result, watch};
#[cfg(feature = "retry")]
pub use crate::instrument::retry::{Retries, pause};
#[cfg(feature = "stream")]
pub use crate::instrument::stream::{
    Handover, HoldsStream, begin_stream, hand_over, ok_if_dropped, open_stream, stream_request,
};
pub use crate::instrument::{
    CACHE_HITS, CACHE_MISSES, CODE_EXECUTIONS, Callsite, CounterCallsite, Entry, Execution,
    LLM_CALLS, LookUp, RetryLoop, SEARCH_CALLS, begin, begin_async, cache_access, cache_access_at,
    call, close, endless, enter, forget, label, labels, never, observe, succeed, track_future,
    tracked_by_block,
};
#[cfg(feature = "stream")]
pub use futures_core::Stream;
