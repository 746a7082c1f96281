//! Requests of futures and streams.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{OnDrop, PANIC, Request};
use crate::classify::DeclaredLabels;
use crate::instrument::Callsite;
use crate::instrument::in_flight::{InFlight, Labels, Outcome};
use crate::request_labels::RequestLabels;

/// The literal labels of a callsite. A type of its own: the compiler erases the lifetime of a
/// reference in a future's type, and no longer finds an implementation for `&'static Callsite`.
#[derive(Debug)]
pub struct Literal(pub &'static Callsite);

impl Labels for Literal {
    type Started = Request;

    #[inline]
    fn start(self, on_drop: OnDrop) -> Request {
        Request::at(self.0, None, on_drop)
    }

    #[inline]
    fn start_in_place(self, request: &mut Request, on_drop: OnDrop) {
        request.start_in_place(self.0, None, on_drop);
    }
}

/// A callsite whose error labels only its function can name. They are declared at the first call.
#[derive(Debug)]
pub struct FirstCall(pub &'static Callsite, pub DeclaredLabels);

impl Labels for FirstCall {
    type Started = Request;

    #[inline]
    fn start(self, on_drop: OnDrop) -> Request {
        Request::at(self.0, Some(self.1), on_drop)
    }

    #[inline]
    fn start_in_place(self, request: &mut Request, on_drop: OnDrop) {
        request.start_in_place(self.0, Some(self.1), on_drop);
    }
}

/// A dynamic agent and operation.
#[derive(Debug)]
pub struct Dynamic(pub(crate) RequestLabels);

impl Labels for Dynamic {
    type Started = Request;

    fn start(self, on_drop: OnDrop) -> Request {
        Request::of(self.0, on_drop)
    }
}

pin_project! {
    /// A future that is one request from its first poll to its end. Polled again, it behaves like
    /// the inner future.
    #[derive(Debug)]
    pub struct Tracked<L: Labels, F, J> {
        // The first field ends the compiler's search for interior mutability. The search would
        // recurse through all futures that this one awaits, and exceed the recursion limit.
        mutable: [AtomicBool; 0],
        // Before the request, so that the future is dropped while the request is active.
        #[pin]
        future: F,
        running: Running<L>,
        outcome: Option<J>,
    }
}

impl<L, F, J> Tracked<L, F, J>
where
    L: Labels,
    F: Future,
    J: FnOnce(&F::Output) -> Outcome<L>,
{
    /// Wraps `future` in a request, whose outcome `outcome` reads from the output.
    #[inline]
    pub(crate) const fn new(labels: L, future: F, outcome: J) -> Self {
        Self {
            mutable: [],
            future,
            running: Running::new(labels),
            outcome: Some(outcome),
        }
    }
}

impl<L, F, J> Future for Tracked<L, F, J>
where
    L: Labels,
    F: Future,
    J: FnOnce(&F::Output) -> Outcome<L>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(guard) = this.running.poll_guard() else {
            return this.future.poll(cx);
        };
        let polled = this.future.poll(cx);
        let Poll::Ready(value) = &polled else {
            guard.disarm();
            return polled;
        };
        // The guard records a panic of `outcome`.
        let outcome = this.outcome.take().map(|outcome| outcome(value));
        guard.close(outcome);
        *this.running = Running::Done;
        polled
    }
}

#[cfg(feature = "stream")]
impl<L, F, J> futures_core::FusedFuture for Tracked<L, F, J>
where
    L: Labels,
    F: futures_core::FusedFuture,
    J: FnOnce(&F::Output) -> Outcome<L>,
{
    fn is_terminated(&self) -> bool {
        self.future.is_terminated()
    }
}

/// The request of a future or stream.
#[derive(Debug)]
pub(crate) enum Running<L: Labels> {
    /// Not polled yet.
    Waiting(L),
    /// In flight, or ended by [`close`](Self::close).
    Started(L::Started),
    /// Ended, or handed over.
    Done,
}

impl<L: Labels> Running<L> {
    #[inline]
    pub(crate) const fn new(labels: L) -> Self {
        Self::Waiting(labels)
    }

    /// Starts the request at the first poll. Returns a guard for the duration of the poll, or
    /// `None` if the request is [`Done`](Self::Done).
    #[inline]
    pub(crate) fn poll_guard(&mut self) -> Option<PollGuard<'_, L::Started>> {
        self.start();
        match self {
            Self::Started(request) => Some(PollGuard(request)),
            Self::Waiting(_) | Self::Done => None,
        }
    }

    /// Starts the request at the first call.
    #[inline]
    pub(crate) fn start(&mut self) {
        if matches!(self, Self::Waiting(_))
            && let Self::Waiting(labels) = std::mem::replace(self, Self::Done)
        {
            *self = Self::Started(L::Started::UNRECORDED);
            if let Self::Started(request) = self {
                // Between two polls, only a cancellation drops the request.
                labels.start_in_place(request, OnDrop::Cancel);
            }
        }
    }
}

#[cfg(feature = "stream")]
impl<L: Labels> Running<L> {
    /// Records what an item shows. Returns the `error_type` if the item is a failure.
    pub(crate) fn item(&mut self, outcome: Outcome<L>) -> Option<Cow<'static, str>> {
        match self {
            Self::Started(request) => request.read_item(outcome),
            Self::Waiting(_) | Self::Done => None,
        }
    }

    /// Ends the request, if it has started.
    pub(crate) fn close(&mut self, failure: Option<Cow<'static, str>>) {
        if let Self::Started(request) = self {
            request.end(failure);
        }
    }

    /// Ends the request after a panic.
    pub(crate) fn panicked(&mut self) {
        self.close(Some(Cow::Borrowed(PANIC)));
    }

    /// Returns whether the request is in flight and the thread has begun to panic since its start.
    pub(crate) fn is_unwinding(&self) -> bool {
        matches!(self, Self::Started(request) if request.is_unwinding())
    }

    /// Removes and returns the request, if it has started.
    pub(crate) fn take(&mut self) -> Option<L::Started> {
        match std::mem::replace(self, Self::Done) {
            Self::Started(request) => Some(request),
            Self::Waiting(_) | Self::Done => None,
        }
    }
}

/// A guard for the duration of a poll. Unless it is closed or disarmed, its drop records a panic.
#[derive(Debug)]
pub(crate) struct PollGuard<'a, R: InFlight>(&'a mut R);

#[cfg(feature = "axum")]
impl Request {
    /// Returns a guard for a poll of a future or a body, which records a panic of the poll. The
    /// request must have been started with [`OnDrop::Cancel`], which applies between polls.
    pub(crate) const fn poll_guard(&mut self) -> PollGuard<'_, Self> {
        PollGuard(self)
    }
}

impl<R: InFlight> PollGuard<'_, R> {
    /// Ends the request, as successful without an outcome.
    #[inline]
    pub(crate) fn close(self, outcome: Option<R::Outcome>) {
        let failure = outcome.and_then(|outcome| self.0.read(outcome));
        self.end(failure);
    }

    /// Ends the request, as failed if there is an `error_type`.
    #[inline]
    pub(crate) fn end(self, failure: Option<Cow<'static, str>>) {
        self.0.end(failure);
        std::mem::forget(self);
    }

    /// Ends the poll.
    #[inline]
    pub(crate) fn disarm(self) {
        std::mem::forget(self);
    }
}

impl<R: InFlight> Drop for PollGuard<'_, R> {
    fn drop(&mut self) {
        self.0.end(Some(Cow::Borrowed(PANIC)));
    }
}
