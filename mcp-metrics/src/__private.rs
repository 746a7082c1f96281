//! Items that the macros' expansions use. Not part of the public API: they change with the macros.

pub use std::borrow::Cow;
pub use std::boxed::Box;
pub use std::future::Future;
pub use std::mem::{drop, forget};
pub use std::option::Option::{None, Some};
pub use std::thread::sleep;

pub use inventory;
use metrics::SharedString;

pub use crate::classify::{
    DeclaredLabels, ErrorLabels, HasErrorLabels, HasOwnErrorLabels, Inner, InnerProbe, Mask, Probe,
    Returned, ViaAny, ViaErrorType, ViaFuture, ViaLabels, ViaOutcome, ViaResult, ViaTypeName,
    no_labels,
};
pub use crate::instrument::request::{Dynamic, FirstCall, Labels, Request};
use crate::instrument::request::{OnDrop, Tracked};
pub use crate::instrument::retry::{Attempts, RanOut, watch};
#[cfg(feature = "retry")]
pub use crate::instrument::retry::{Policy, Retries, pause};
#[cfg(feature = "stream")]
pub use crate::instrument::stream::track_stream;
pub use crate::instrument::{
    CACHE_HITS, CACHE_MISSES, CODE_EXECUTIONS, Callsite, CallsiteEntry, CounterCallsite,
    CounterEntry, LLM_CALLS, RetryEntry, SEARCH_CALLS,
};
use crate::request_labels::RequestLabels;
use crate::track_cache_access;

/// Creates the dynamic labels of a request.
pub fn labels(agent: impl Into<SharedString>, operation: impl Into<SharedString>) -> Dynamic {
    Dynamic(RequestLabels::new(agent.into(), operation.into()))
}

/// Starts a request of a function that cannot fail. Dropping the request ends it.
#[inline]
pub fn enter(labels: impl Labels) -> Request {
    labels.start(OnDrop::Succeed)
}

/// Starts a request of a function whose value determines the outcome. Only a panic can drop the
/// request before it is [closed](close).
#[inline]
pub fn begin(labels: impl Labels) -> Request {
    labels.start(OnDrop::Panic)
}

/// Runs a future as a request, which fails if `failure` returns an `error_type` for the output.
#[inline]
pub fn run_async<F: Future>(
    labels: impl Labels,
    future: F,
    failure: impl FnOnce(&F::Output) -> Option<Cow<'static, str>>,
) -> impl Future<Output = F::Output> {
    Tracked::new(labels, future, failure)
}

/// Calls a function's body once. Unlike a closure that is called in place, one that is passed as an
/// argument can move its captures out.
#[inline]
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Ends a request.
///
/// It is taken by reference, since moving it takes as long as counting it. The macros then forget
/// the request: it needs no drop, but the compiler cannot see that.
#[inline]
pub fn close(request: &mut Request, failure: Option<Cow<'static, str>>) {
    request.close(failure);
}

/// Returns whether the `retry_if` of a retry loop selects this value for another attempt.
pub fn is_transient<T, E>(value: &Result<T, E>, retry_if: impl FnOnce(&E) -> bool) -> bool {
    value.as_ref().err().is_some_and(retry_if)
}

/// Fails to compile unless the value of a retry loop is a `Result`.
pub fn retries_result<T, E>(_: &Result<T, E>) {}

/// Creates a dynamic label.
pub fn label(label: impl Into<SharedString>) -> SharedString {
    label.into()
}

/// Applies the user's predicate to a value.
pub fn test<T: ?Sized>(value: &T, predicate: impl FnOnce(&T) -> bool) -> bool {
    predicate(value)
}

/// Returns the label of a value if the user's predicate classified it as a failure: the value's own
/// label, or else `rejected`.
#[must_use]
pub fn failure_if(failed: bool, own: Option<Cow<'static, str>>) -> Option<Cow<'static, str>> {
    failed.then(|| own.unwrap_or(Cow::Borrowed("rejected")))
}

/// Replaces the label of a failure by `label`.
#[must_use]
pub fn with_label(
    failure: Option<Cow<'static, str>>,
    label: &'static str,
) -> Option<Cow<'static, str>> {
    failure.map(|_| Cow::Borrowed(label))
}

/// Returns the label that the user's function assigns to an error.
pub fn label_error<T, E, L: Into<Cow<'static, str>>>(
    value: &Result<T, E>,
    label: impl FnOnce(&E) -> L,
) -> Option<Cow<'static, str>> {
    value.as_ref().err().map(|error| label(error).into())
}

/// Returns the label that the user's function assigns to a value that the predicate classified as a
/// failure.
pub fn label_value<T: ?Sized, L: Into<Cow<'static, str>>>(
    failed: bool,
    value: &T,
    label: impl FnOnce(&T) -> L,
) -> Option<Cow<'static, str>> {
    failed.then(|| label(value).into())
}

/// A code execution in progress. It counts as failed if it is dropped before it ends.
#[derive(Debug)]
pub struct Execution {
    success: &'static CounterCallsite,
    failure: &'static CounterCallsite,
    failed: bool,
}

impl Execution {
    /// Starts an execution. Its end is counted at one of these callsites.
    #[must_use]
    pub const fn start(
        success: &'static CounterCallsite,
        failure: &'static CounterCallsite,
    ) -> Self {
        Self {
            success,
            failure,
            failed: true,
        }
    }

    /// Ends the execution.
    #[inline]
    pub fn end(mut self, failed: bool) {
        self.failed = failed;
    }
}

impl Drop for Execution {
    #[inline]
    fn drop(&mut self) {
        let callsite = if self.failed {
            self.failure
        } else {
            self.success
        };
        callsite.increment();
    }
}

/// The result of a cache lookup.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is neither a cache hit nor a miss",
    label = "expected an `Option<_>` or a `Result<Option<_>, _>`"
)]
pub trait LookUp {
    /// Returns whether the entry was found; `None` if the lookup failed.
    fn hit(&self) -> Option<bool>;
}

impl<T> LookUp for Option<T> {
    fn hit(&self) -> Option<bool> {
        Some(self.is_some())
    }
}

impl<T, E> LookUp for Result<Option<T>, E> {
    fn hit(&self) -> Option<bool> {
        self.as_ref().ok().map(Option::is_some)
    }
}

/// Counts an access to a cache with a literal type.
#[inline]
pub fn cache_access_at(
    value: &impl LookUp,
    hits: &'static CounterCallsite,
    misses: &'static CounterCallsite,
) {
    match value.hit() {
        Some(true) => hits.increment(),
        Some(false) => misses.increment(),
        None => {}
    }
}

/// Counts an access to a cache with a dynamic type.
pub fn cache_access(cache_type: SharedString, value: &impl LookUp) {
    if let Some(hit) = value.hit() {
        track_cache_access(cache_type, hit);
    }
}

/// Declares a callsite, which the linker collects.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($agent:expr, $operation:expr, $labels:expr) => {{
        static SITE: $crate::__private::Callsite = $crate::__private::Callsite::new(
            $agent,
            $operation,
            $labels,
            (::core::module_path!(), ::core::file!(), ::core::line!()),
        );
        $crate::__private::inventory::submit!($crate::__private::CallsiteEntry(&SITE));
        &SITE
    }};
}

/// Declares a counter's callsite, which the linker collects.
#[doc(hidden)]
#[macro_export]
macro_rules! __counter {
    ($family:ident $(, $value:expr)*) => {{
        static COUNTER: $crate::__private::CounterCallsite =
            $crate::__private::CounterCallsite::new($crate::__private::$family, &[$($value),*]);
        $crate::__private::inventory::submit!($crate::__private::CounterEntry(&COUNTER));
        &COUNTER
    }};
}

/// Declares a retry loop's service and attempts, which the linker collects.
#[doc(hidden)]
#[macro_export]
macro_rules! __retry_loop {
    ($service:expr, $attempts:expr) => {
        $crate::__private::inventory::submit!($crate::__private::RetryEntry {
            service: $service,
            attempts: $attempts,
        });
    };
}
