//! Functions around the body of a tracked function, called by the macros' expansions.
//!
//! A request may also be an LLM call, depending on the labels.

use std::future::Future;

use metrics::SharedString;

use super::in_flight::{InFlight, Labels, Outcome};
use super::request::{Dynamic, OnDrop, Tracked};
use crate::request_labels::RequestLabels;

/// The value of a dynamic label.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a label",
    label = "expected an owned or `'static` string: `String`, `&'static str` or `Arc<str>`",
    note = "a label outlives the call; clone a borrowed string, as in `agent = self.name.clone()`"
)]
pub trait IntoLabel {
    /// Returns the value.
    fn into_label(self) -> SharedString;
}

#[diagnostic::do_not_recommend]
impl<T: Into<SharedString>> IntoLabel for T {
    fn into_label(self) -> SharedString {
        self.into()
    }
}

/// Creates a dynamic label.
#[inline]
pub fn label(label: impl IntoLabel) -> SharedString {
    label.into_label()
}

/// Creates the dynamic labels of a request.
#[inline]
#[must_use]
pub fn labels(agent: SharedString, operation: SharedString) -> Dynamic {
    Dynamic(RequestLabels::new(agent, operation))
}

/// Starts a request of a function that cannot fail. Dropping the request ends it.
#[inline]
pub fn enter<L: Labels>(labels: L) -> L::Started {
    labels.start(OnDrop::Succeed)
}

/// Starts a request of a function whose value determines the outcome. Only a panic can drop the
/// request before it is [closed](close).
#[inline]
pub fn begin<L: Labels>(labels: L) -> L::Started {
    labels.start(OnDrop::Panic)
}

/// Starts a request of an `async` body whose value cannot be a failure. A cancellation or a panic
/// drops the request before it [succeeds](succeed).
#[inline]
pub fn begin_async<L: Labels>(labels: L) -> L::Started {
    labels.start(OnDrop::DetectPanic)
}

/// Ends a request as successful, and returns the value of its body.
#[inline]
pub fn succeed<T>(mut request: impl InFlight, value: T) -> T {
    request.end(None);
    value
}

/// Runs a future as a request, whose outcome `outcome` reads from the output.
#[inline]
pub const fn track_future<L, F, J>(labels: L, future: F, outcome: J) -> Tracked<L, F, J>
where
    L: Labels,
    F: Future,
    J: FnOnce(&F::Output) -> Outcome<L>,
{
    Tracked::new(labels, future, outcome)
}

/// Marks the body of a method that the attribute on its block tracks.
pub const fn tracked_by_block() {}

/// Fixes the type of an `async` block, in code that never runs.
#[must_use]
pub fn never<T>() -> T {
    unreachable!("never called")
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
pub fn close<R: InFlight>(request: &mut R, outcome: R::Outcome) {
    let failure = request.read(outcome);
    request.end(failure);
}

/// Forgets a [closed](close) request. In an expansion, clippy's `mem_forget` would report
/// [`std::mem::forget`].
#[inline]
pub fn forget(request: impl InFlight) {
    std::mem::forget(request);
}
