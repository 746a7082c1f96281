//! What functions, futures and streams start and end: requests and LLM calls.

use std::borrow::Cow;
use std::fmt;

use super::request::OnDrop;

/// Something that starts, is in flight and ends once: a request or an LLM call. Its drop ends it,
/// unless it has ended.
pub trait InFlight: fmt::Debug + Sized {
    /// What a value shows about its outcome.
    type Outcome;

    /// One that is not recorded.
    const UNRECORDED: Self;

    /// Records what a value shows. Returns the `error_type` if the value is a failure.
    fn read(&mut self, outcome: Self::Outcome) -> Option<Cow<'static, str>>;

    /// Records what an item of a stream shows, likewise.
    #[inline]
    fn read_item(&mut self, outcome: Self::Outcome) -> Option<Cow<'static, str>> {
        self.read(outcome)
    }

    /// Ends it, as failed if there is an `error_type`.
    fn end(&mut self, failure: Option<Cow<'static, str>>);

    /// Returns whether the thread has begun to panic since the start.
    fn is_unwinding(&self) -> bool;

    /// Sets what a drop means.
    fn set_on_drop(&mut self, on_drop: OnDrop);
}

/// The labels of a request or an LLM call that has not started.
pub trait Labels {
    /// What these labels start.
    type Started: InFlight;

    /// Starts it.
    fn start(self, on_drop: OnDrop) -> Self::Started;

    /// Starts it in place of an unrecorded one.
    #[inline]
    fn start_in_place(self, unrecorded: &mut Self::Started, on_drop: OnDrop)
    where
        Self: Sized,
    {
        *unrecorded = self.start(on_drop);
    }
}

/// What a value shows about the outcome of what the labels start.
pub(super) type Outcome<L> = <<L as Labels>::Started as InFlight>::Outcome;
