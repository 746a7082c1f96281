//! What the macros' code calls. Not part of the public API: it changes with the macros.

pub use std::borrow::Cow;
pub use std::boxed::Box;
use std::future::Future;
pub use std::mem::drop;
pub use std::option::Option::{None, Some};
pub use std::thread::sleep;

use metrics::SharedString;

pub use crate::outcome::{
    Inner, Returned, ViaAny, ViaErrorType, ViaOutcome, ViaResult, ViaTypeName,
};
pub use crate::request::{Labels, Request};
use crate::request::{OnDrop, Tracked};
pub use crate::retry::{Attempts, RanOut, watch};
#[cfg(feature = "retry")]
pub use crate::retry::{Policy, Retries, pause};
pub use crate::site::Site;

/// The labels of a request, made at run time.
pub fn labels(agent: impl Into<SharedString>, operation: impl Into<SharedString>) -> Labels {
    Labels::Dynamic([agent.into(), operation.into()])
}

/// A request that lasts as long as a function that cannot fail.
#[inline]
pub fn enter(labels: Labels) -> Request {
    labels.start(OnDrop::Succeed)
}

/// Runs a function's body as a request that is then to be closed.
#[inline]
pub fn run<T>(labels: Labels, body: impl FnOnce() -> T) -> (T, Request) {
    let request = labels.start(OnDrop::Panic);
    let value = body();
    (value, request)
}

/// Runs a future as a request that is then to be closed.
pub fn run_async<F: Future>(
    labels: Labels,
    future: F,
) -> impl Future<Output = (F::Output, Request)> {
    Tracked::new(labels, future)
}

/// Calls a function's body, once. Unlike a closure called where it stands, one that is passed
/// here may give away what it has taken.
#[inline]
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Closes a request.
#[inline]
pub fn close(request: Request, failure: Option<Cow<'static, str>>) {
    request.close(failure);
}

/// Whether the `retry_if` of a retry loop would try again after this value.
pub fn is_transient<T, E>(value: &Result<T, E>, retry_if: impl FnOnce(&E) -> bool) -> bool {
    value.as_ref().err().is_some_and(retry_if)
}

/// A retry loop needs a `Result` to know when to stop.
pub fn retries_result<T, E>(_: &Result<T, E>) {}
