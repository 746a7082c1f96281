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
use crate::request_labels::RequestLabels;

/// A source of a request's labels.
pub trait Labels {
    /// Starts a request with these labels.
    fn start(self, on_drop: OnDrop) -> Request;

    /// Starts a request with these labels in place of an unrecorded one.
    #[inline]
    fn start_in_place(self, request: &mut Request, on_drop: OnDrop)
    where
        Self: Sized,
    {
        *request = self.start(on_drop);
    }
}

impl Labels for &'static Callsite {
    #[inline]
    fn start(self, on_drop: OnDrop) -> Request {
        Request::at(self, None, on_drop)
    }

    #[inline]
    fn start_in_place(self, request: &mut Request, on_drop: OnDrop) {
        request.start_in_place(self, None, on_drop);
    }
}

/// A callsite whose error labels only its function can name. They are declared at the first call.
#[derive(Debug)]
pub struct FirstCall(pub &'static Callsite, pub DeclaredLabels);

impl Labels for FirstCall {
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
    fn start(self, on_drop: OnDrop) -> Request {
        Request::of(self.0, on_drop)
    }
}

pin_project! {
    /// A future that is one request from its first poll to its end. Polled again, it behaves like
    /// the inner future.
    #[derive(Debug)]
    pub struct Tracked<L, F, J> {
        // The first field ends the compiler's search for interior mutability. The search would
        // recurse through all futures that this one awaits, and exceed the recursion limit.
        mutable: [AtomicBool; 0],
        // Before the request, so that the future is dropped while the request is active.
        #[pin]
        future: F,
        running: Running<L>,
        failure: Option<J>,
    }
}

impl<L, F, J> Tracked<L, F, J>
where
    L: Labels,
    F: Future,
    J: FnOnce(&F::Output) -> Option<Cow<'static, str>>,
{
    /// Wraps `future` in a request, which fails if `failure` returns an `error_type` for the
    /// output.
    #[inline]
    pub(crate) const fn new(labels: L, future: F, failure: J) -> Self {
        Self {
            mutable: [],
            future,
            running: Running::new(labels),
            failure: Some(failure),
        }
    }
}

impl<L, F, J> Future for Tracked<L, F, J>
where
    L: Labels,
    F: Future,
    J: FnOnce(&F::Output) -> Option<Cow<'static, str>>,
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
        // The guard records a panic of `failure`.
        let failure = this.failure.take().and_then(|failure| failure(value));
        guard.close(failure);
        *this.running = Running::Done;
        polled
    }
}

#[cfg(feature = "stream")]
impl<L, F, J> futures_core::FusedFuture for Tracked<L, F, J>
where
    L: Labels,
    F: futures_core::FusedFuture,
    J: FnOnce(&F::Output) -> Option<Cow<'static, str>>,
{
    fn is_terminated(&self) -> bool {
        self.future.is_terminated()
    }
}

/// The request of a future or stream.
#[derive(Debug)]
pub(crate) enum Running<L> {
    /// Not polled yet.
    Waiting(L),
    /// In flight, or ended by [`close`](Self::close).
    Started(Request),
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
    pub(crate) fn poll_guard(&mut self) -> Option<PollGuard<'_>> {
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
            *self = Self::Started(Request::UNRECORDED);
            if let Self::Started(request) = self {
                // Between two polls, only a cancellation drops the request.
                labels.start_in_place(request, OnDrop::Cancel);
            }
        }
    }
}

#[cfg(feature = "stream")]
impl<L> Running<L> {
    /// Ends the request, if it has started.
    pub(crate) fn close(&mut self, failure: Option<Cow<'static, str>>) {
        if let Self::Started(request) = self {
            request.close(failure);
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
    pub(crate) fn take(&mut self) -> Option<Request> {
        match std::mem::replace(self, Self::Done) {
            Self::Started(request) => Some(request),
            Self::Waiting(_) | Self::Done => None,
        }
    }
}

#[cfg(feature = "stream")]
impl Request {
    /// Returns the request with a cancellation as the outcome of a drop.
    pub(crate) const fn cancelled_on_drop(mut self) -> Self {
        self.on_drop = OnDrop::Cancel;
        self
    }
}

/// A guard for the duration of a poll. Unless it is closed or disarmed, its drop records a panic.
#[derive(Debug)]
pub(crate) struct PollGuard<'a>(&'a mut Request);

impl PollGuard<'_> {
    /// Ends the request.
    #[inline]
    pub(crate) fn close(self, failure: Option<Cow<'static, str>>) {
        self.0.close(failure);
        std::mem::forget(self);
    }

    /// Ends the poll.
    #[inline]
    pub(crate) fn disarm(self) {
        std::mem::forget(self);
    }
}

impl Drop for PollGuard<'_> {
    fn drop(&mut self) {
        self.0.close(Some(Cow::Borrowed(PANIC)));
    }
}
