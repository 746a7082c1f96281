//! What the macros' code calls. Not part of the public API: it changes with the macros.

pub use std::borrow::Cow;
pub use std::boxed::Box;
pub use std::future::Future;
pub use std::mem::{drop, forget};
pub use std::option::Option::{None, Some};
pub use std::thread::sleep;

pub use inventory;
use metrics::SharedString;

pub use crate::classify::{
    DeclaredLabels, ErrorLabels, HasErrorLabels, Inner, InnerProbe, Mask, Probe, Returned, ViaAny,
    ViaErrorType, ViaFuture, ViaLabels, ViaOutcome, ViaResult, ViaTypeName, no_labels,
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
use crate::track_cache_access;

/// The labels of a request, made at run time.
pub fn labels(agent: impl Into<SharedString>, operation: impl Into<SharedString>) -> Dynamic {
    Dynamic([agent.into(), operation.into()])
}

/// A request that lasts as long as a function that cannot fail.
#[inline]
pub fn enter(labels: impl Labels) -> Request {
    labels.start(OnDrop::Succeed)
}

/// A request of a function whose value says how it ended, which only a panic can keep from it.
#[inline]
pub fn begin(labels: impl Labels) -> Request {
    labels.start(OnDrop::Panic)
}

/// Runs a future as a request, which fails if `failure` returns the value's `error_type`.
#[inline]
pub fn run_async<F: Future>(
    labels: impl Labels,
    future: F,
    failure: impl FnOnce(&F::Output) -> Option<Cow<'static, str>>,
) -> impl Future<Output = F::Output> {
    Tracked::new(labels, future, failure)
}

/// Calls a function's body, once. Unlike a closure called where it stands, one that is passed
/// here may give away what it has taken.
#[inline]
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Ends a request. By reference, since moving a request takes as long as counting it. The macros
/// then forget it: nothing is left to be dropped, which the compiler does not see.
#[inline]
pub fn close(request: &mut Request, failure: Option<Cow<'static, str>>) {
    request.close(failure);
}

/// Whether the `retry_if` of a retry loop would try again after this value.
pub fn is_transient<T, E>(value: &Result<T, E>, retry_if: impl FnOnce(&E) -> bool) -> bool {
    value.as_ref().err().is_some_and(retry_if)
}

/// A retry loop needs a `Result` to know when to stop.
pub fn retries_result<T, E>(_: &Result<T, E>) {}

/// A label made at run time.
pub fn label(label: impl Into<SharedString>) -> SharedString {
    label.into()
}

/// Asks the user's predicate about a value.
pub fn test<T: ?Sized>(value: &T, predicate: impl FnOnce(&T) -> bool) -> bool {
    predicate(value)
}

/// The label of a value that the user's predicate has judged; its own if it has one.
#[must_use]
pub fn judged(failed: bool, own: Option<Cow<'static, str>>) -> Option<Cow<'static, str>> {
    failed.then(|| own.unwrap_or(Cow::Borrowed("rejected")))
}

/// One label for every failure.
#[must_use]
pub fn relabelled(
    failure: Option<Cow<'static, str>>,
    label: &'static str,
) -> Option<Cow<'static, str>> {
    failure.map(|_| Cow::Borrowed(label))
}

/// The label that the user's function gives an error.
pub fn label_error<T, E, L: Into<Cow<'static, str>>>(
    value: &Result<T, E>,
    label: impl FnOnce(&E) -> L,
) -> Option<Cow<'static, str>> {
    value.as_ref().err().map(|error| label(error).into())
}

/// The label that the user's function gives a value that their predicate has judged.
pub fn label_value<T: ?Sized, L: Into<Cow<'static, str>>>(
    failed: bool,
    value: &T,
    label: impl FnOnce(&T) -> L,
) -> Option<Cow<'static, str>> {
    failed.then(|| label(value).into())
}

/// A code execution in progress; one that is dropped has failed.
#[derive(Debug)]
pub struct Execution {
    success: &'static CounterCallsite,
    failure: &'static CounterCallsite,
    failed: bool,
}

impl Execution {
    /// Starts an execution that counts its end at one of these callsites.
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

/// What a look-up in a cache returns.
#[diagnostic::on_unimplemented(
    message = "cannot tell whether a `{Self}` is a hit or a miss",
    label = "`#[tracked_cache]` needs an `Option`, or a `Result` of one"
)]
pub trait LookUp {
    /// Whether the entry was there; `None` if the look-up failed.
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

/// Counts an access of a cache whose type is a literal.
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

/// Counts an access of a cache.
pub fn cache_access(cache_type: SharedString, value: &impl LookUp) {
    if let Some(hit) = value.hit() {
        track_cache_access(cache_type, hit);
    }
}

/// A callsite, registered when the program is linked.
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

/// A counter's callsite, collected when the program is linked.
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

/// A retry loop's service and attempts, collected when the program is linked.
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
