//! Streams: one request from the first poll to the end.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::instrument::request::{Labels, Running};

pin_project! {
    /// A stream that is one request: it starts at the first poll, succeeds when the stream ends,
    /// and counts as cancelled if the stream is dropped before.
    #[derive(Debug)]
    pub struct TrackedStream<L, S> {
        // Before the request, so that the stream is dropped while the request is active.
        #[pin]
        stream: S,
        running: Running<L>,
    }
}

/// Tracks a stream as one request.
pub fn track_stream<L: Labels, S: Stream>(labels: L, stream: S) -> TrackedStream<L, S> {
    TrackedStream {
        stream,
        running: Running::new(labels),
    }
}

impl<L: Labels, S: Stream> Stream for TrackedStream<L, S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(guard) = this.running.poll_guard() else {
            return Poll::Ready(None);
        };
        let polled = this.stream.poll_next(cx);
        if matches!(polled, Poll::Ready(None)) {
            guard.close(None);
            *this.running = Running::Done;
        } else {
            guard.disarm();
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}
