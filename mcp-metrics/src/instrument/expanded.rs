//! Functions around the body of a tracked function, called by the macros' expansions.

use std::borrow::Cow;
use std::future::Future;

use metrics::SharedString;

use super::request::{Dynamic, Labels, OnDrop, Request, Tracked};
use crate::request_labels::RequestLabels;

/// Creates a dynamic label.
pub fn label(label: impl Into<SharedString>) -> SharedString {
    label.into()
}

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
