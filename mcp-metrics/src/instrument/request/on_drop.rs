//! The outcome of requests and calls that are dropped.

use std::thread;

/// `error_type` of a request that ended with a panic.
pub(super) const PANIC: &str = "panic";
/// `error_type` of a request that was dropped before it ended.
const CANCELLED: &str = "cancelled";

/// The outcome of a request that is dropped before it is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDrop {
    /// A panic if the thread has begun to panic since the start, otherwise a cancellation.
    DetectPanic,
    /// A panic if the thread has begun to panic since the start, otherwise a success: a function
    /// that cannot fail has returned.
    Succeed,
    /// A panic: nothing else drops the request.
    Panic,
    /// A cancellation: a future is dropped between two polls.
    Cancel,
}

impl OnDrop {
    /// Returns the `error_type` of a request that is dropped now. `panicking` is whether its thread
    /// was panicking when it started.
    #[inline]
    pub(crate) fn failure(self, panicking: bool) -> Option<&'static str> {
        let panicked = || thread::panicking() && !panicking;
        match self {
            Self::Panic => Some(PANIC),
            Self::Cancel => Some(CANCELLED),
            Self::Succeed => panicked().then_some(PANIC),
            Self::DetectPanic => Some(if panicked() { PANIC } else { CANCELLED }),
        }
    }
}
