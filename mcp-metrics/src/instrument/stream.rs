//! Streams: one request from the first poll to the end.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use crate::instrument::request::{Labels, Running};

pin_project! {
    /// A stream that is one request: it starts at the first poll and ends with the stream.
    ///
    /// The first item that is a failure determines the outcome. A stream without failures succeeds
    /// when it ends, and counts as cancelled if it is dropped before.
    #[derive(Debug)]
    pub struct TrackedStream<L: Labels, S, J> {
        // Before the request, so that the stream is dropped while the request is active.
        #[pin]
        stream: S,
        request: StreamRequest<L>,
        failure: J,
    }
}

/// The request of a stream. Its drop ends the request.
#[derive(Debug)]
struct StreamRequest<L: Labels> {
    running: Running<L>,
    /// The label of the first item that is a failure.
    failed: Option<Cow<'static, str>>,
}

impl<L: Labels> Drop for StreamRequest<L> {
    fn drop(&mut self) {
        if let Some(failed) = self.failed.take() {
            self.running.close(Some(failed));
        }
    }
}

/// Tracks a stream as one request, which fails if `failure` returns an `error_type` for an item.
pub const fn track_stream<L, S, J>(labels: L, stream: S, failure: J) -> TrackedStream<L, S, J>
where
    L: Labels,
    S: Stream,
    J: FnMut(&S::Item) -> Option<Cow<'static, str>>,
{
    TrackedStream {
        stream,
        request: StreamRequest {
            running: Running::new(labels),
            failed: None,
        },
        failure,
    }
}

impl<L, S, J> Stream for TrackedStream<L, S, J>
where
    L: Labels,
    S: Stream,
    J: FnMut(&S::Item) -> Option<Cow<'static, str>>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let StreamRequest { running, failed } = this.request;
        let Some(guard) = running.poll_guard() else {
            return this.stream.poll_next(cx);
        };
        let polled = this.stream.poll_next(cx);
        match &polled {
            Poll::Ready(None) => {
                guard.close(failed.take());
                *running = Running::Done;
            }
            Poll::Ready(Some(item)) => {
                if failed.is_none() {
                    // The guard records a panic of `failure`.
                    *failed = (this.failure)(item);
                }
                guard.disarm();
            }
            Poll::Pending => guard.disarm(),
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<L, S, J> FusedStream for TrackedStream<L, S, J>
where
    L: Labels,
    S: FusedStream,
    J: FnMut(&S::Item) -> Option<Cow<'static, str>>,
{
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}
