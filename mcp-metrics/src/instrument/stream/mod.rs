//! Streams and the functions that return them, observed from the first poll to the end or the drop.
//!
//! This module knows no metrics. `request` records a stream as a request, `open` hands something
//! that a function has started over to the stream that it returns, and `track` is the public API.

mod open;
mod request;
mod track;

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

pub use open::HoldsStream;
pub(crate) use request::{HandedOver, ReadItem, StreamRequest, hand_over_to};
pub use request::{Handover, begin_stream, hand_over, ok_if_dropped, open_stream, stream_request};
pub use track::{TrackedStream, track_stream, track_stream_with};

/// Something that is recorded from the first poll of a future or stream on, such as a request.
pub trait Activity {
    /// Called before the first poll.
    fn start(&mut self);

    /// Called when a panic unwinds from a poll, or from a method of [`StreamObserver`]. No further
    /// method is called.
    fn panicked(&mut self);
}

/// What an [`ObservedStream`] calls.
///
/// An observer that is dropped without a call of [`end`](Self::end) or
/// [`panicked`](Activity::panicked) belongs to a stream that was dropped before its end. Its `Drop`
/// decides what this means.
pub trait StreamObserver<I>: Activity {
    /// Called with each item, before the consumer receives it.
    fn item(&mut self, item: &I);

    /// Called once, when the stream returns `None`.
    fn end(&mut self);
}

pin_project! {
    /// A stream whose polls and items an observer sees.
    #[derive(Debug)]
    pub struct ObservedStream<S, O> {
        // Before the observer, so that the stream is dropped while it is observed.
        #[pin]
        stream: S,
        observer: O,
        phase: Phase,
    }
}

/// Whether a future or stream has been polled, and whether it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Unpolled,
    Polled,
    Done,
}

impl<S, O> ObservedStream<S, O> {
    /// Wraps a stream. The observer starts at the first poll.
    pub(crate) const fn new(stream: S, observer: O) -> Self {
        Self {
            stream,
            observer,
            phase: Phase::Unpolled,
        }
    }

    /// Returns the inner stream.
    pub(crate) const fn stream(&self) -> &S {
        &self.stream
    }
}

impl<S, O> Stream for ObservedStream<S, O>
where
    S: Stream,
    O: StreamObserver<S::Item>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(guard) = PollGuard::new(this.observer, this.phase) else {
            return this.stream.poll_next(cx);
        };
        let polled = this.stream.poll_next(cx);
        match &polled {
            Poll::Ready(Some(item)) => {
                guard.activity.item(item);
                guard.disarm();
            }
            Poll::Ready(None) => {
                guard.activity.end();
                guard.finish();
            }
            Poll::Pending => guard.disarm(),
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S, O> FusedStream for ObservedStream<S, O>
where
    S: FusedStream,
    O: StreamObserver<S::Item>,
{
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

/// A guard for the duration of a poll. Unless it is disarmed or finished, its drop reports a panic
/// to the activity.
struct PollGuard<'a, A: Activity> {
    activity: &'a mut A,
    phase: &'a mut Phase,
}

impl<'a, A: Activity> PollGuard<'a, A> {
    /// Starts the activity at the first poll. Returns `None` after the end.
    fn new(activity: &'a mut A, phase: &'a mut Phase) -> Option<Self> {
        match phase {
            Phase::Unpolled => {
                activity.start();
                *phase = Phase::Polled;
            }
            Phase::Polled => {}
            Phase::Done => return None,
        }
        Some(Self { activity, phase })
    }

    /// Ends the poll.
    fn disarm(self) {
        std::mem::forget(self);
    }

    /// Ends the last poll.
    fn finish(self) {
        *self.phase = Phase::Done;
        std::mem::forget(self);
    }
}

impl<A: Activity> Drop for PollGuard<'_, A> {
    fn drop(&mut self) {
        *self.phase = Phase::Done;
        self.activity.panicked();
    }
}
