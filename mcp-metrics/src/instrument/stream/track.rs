//! Requests of streams in places where no attribute fits.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};
use metrics::SharedString;
use pin_project_lite::pin_project;

use super::ObservedStream;
use super::request::{StreamRequest, ok_if_dropped, stream_request};
use crate::classify::Outcome;
use crate::instrument::request::Dynamic;
use crate::request_labels::RequestLabels;

/// Returns the label `error_type` of an item that is a failure.
type Failure<T> = fn(&T) -> Option<Cow<'static, str>>;

pin_project! {
    /// A stream that is one request, from [`track_stream`] or [`track_stream_with`].
    ///
    /// It has the items and the size hint of the inner stream, is fused if that is, and `Unpin` if
    /// that is. After its end, it behaves like the inner stream.
    #[must_use = "streams do nothing unless polled"]
    pub struct TrackedStream<S: Stream, F = Failure<<S as Stream>::Item>> {
        #[pin]
        inner: ObservedStream<S, StreamRequest<Dynamic, F>>,
    }
}

/// Tracks a stream as one request of `operation` by `agent`.
///
/// The request starts at the first poll; a stream that is never polled records nothing. It ends with
/// the stream: as failed with the label of the first item that is an `Err`, or another failure by
/// [`Outcome`], and as successful if there is none. If the stream is dropped before its end and
/// without a failure, `error_type` is `cancelled`; see
/// [`ok_if_dropped`](TrackedStream::ok_if_dropped). A panic in a poll is `panic`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use futures_util::{StreamExt as _, stream};
/// use mcp_metrics::track_stream;
///
/// let words = stream::iter(["to", "be"]);
/// let words = track_stream("reader", "words", words);
/// assert_eq!(words.collect::<String>().await, "tobe");
///
/// let numbers = stream::iter(["1", "two"]).map(str::parse::<u8>);
/// // Failed, `error_type="ParseIntError"`.
/// assert_eq!(track_stream("reader", "numbers", numbers).count().await, 2);
/// # }
/// ```
pub fn track_stream<S>(
    agent: impl Into<SharedString>,
    operation: impl Into<SharedString>,
    stream: S,
) -> TrackedStream<S>
where
    S: Stream<Item: Outcome>,
{
    track_stream_with(agent, operation, stream, S::Item::failure)
}

/// Tracks a stream as one request, like [`track_stream`]. An item is a failure if `failure` returns
/// an `error_type`. It is not called after the first failure.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use futures_util::{StreamExt as _, stream};
/// use mcp_metrics::track_stream_with;
///
/// struct Event { status: u16 }
///
/// let events = stream::iter([200, 503]).map(|status| Event { status });
/// let events = track_stream_with("feed", "events", events, |event| {
///     (event.status >= 500).then(|| "5xx".into())
/// });
/// assert_eq!(events.count().await, 2);
/// # }
/// ```
pub fn track_stream_with<S, F>(
    agent: impl Into<SharedString>,
    operation: impl Into<SharedString>,
    stream: S,
    failure: F,
) -> TrackedStream<S, F>
where
    S: Stream,
    F: FnMut(&S::Item) -> Option<Cow<'static, str>>,
{
    let labels = Dynamic(RequestLabels::new(agent.into(), operation.into()));
    TrackedStream {
        inner: stream_request(labels, stream, failure),
    }
}

impl<S: Stream, F> TrackedStream<S, F> {
    /// Counts the request as successful if the stream is dropped before its end, unless an item was
    /// a failure. For consumers that stop when they have enough.
    ///
    /// A stream that a panic drops is still `cancelled`, since its consumer did not decide to stop.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use futures_util::{StreamExt as _, stream};
    /// use mcp_metrics::track_stream;
    ///
    /// let hits = track_stream("index", "scan", stream::iter(0..)).ok_if_dropped();
    /// assert_eq!(hits.take(3).count().await, 3); // a success
    /// # }
    /// ```
    pub fn ok_if_dropped(self) -> Self {
        Self {
            inner: ok_if_dropped(self.inner),
        }
    }
}

impl<S, F> Stream for TrackedStream<S, F>
where
    S: Stream,
    F: FnMut(&S::Item) -> Option<Cow<'static, str>>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().inner.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<S, F> FusedStream for TrackedStream<S, F>
where
    S: FusedStream,
    F: FnMut(&S::Item) -> Option<Cow<'static, str>>,
{
    fn is_terminated(&self) -> bool {
        self.inner.is_terminated()
    }
}

impl<S: Stream + fmt::Debug, F> fmt::Debug for TrackedStream<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackedStream")
            .field("stream", self.inner.stream())
            .finish_non_exhaustive()
    }
}
