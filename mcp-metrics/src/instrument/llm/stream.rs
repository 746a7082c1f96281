//! Streamed replies of calls that the program starts itself.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::{LlmCall, LlmOutcome, TokenUsage, llm_outcome};
use crate::classify::Outcome;
use crate::instrument::stream::{
    HandedOver, ObservedStream, ReadItem, StreamRequest, hand_over_to, ok_if_dropped,
};

/// Returns the token usage in an item, if it has one.
type Usage<T> = fn(&T) -> Option<TokenUsage>;

pin_project! {
    /// The stream of an LLM call, from [`LlmCall::track_stream`] or
    /// [`LlmCall::track_stream_with`], which ends the call.
    ///
    /// It has the items and the size hint of the inner stream, is fused if that is, and `Unpin` if
    /// that is. After its end, it behaves like the inner stream.
    #[must_use = "streams do nothing unless polled"]
    pub struct LlmStream<S: Stream, F = Usage<<S as Stream>::Item>> {
        #[pin]
        inner: ObservedStream<S, StreamRequest<HandedOver<LlmCall>, ReadUsage<F>>>,
    }
}

/// Reads the outcome of an item by its type, and its token usage by a function.
#[derive(Debug)]
struct ReadUsage<F>(F);

impl<I, F> ReadItem<I> for ReadUsage<F>
where
    I: Outcome,
    F: FnMut(&I) -> Option<TokenUsage>,
{
    type Outcome = LlmOutcome;

    fn read(&mut self, item: &I) -> LlmOutcome {
        llm_outcome(item.failure(), (self.0)(item))
    }
}

impl LlmCall {
    /// Ends the call with the stream of its reply, whose items have no token usage.
    ///
    /// The first item that is not a failure is the [first chunk](Self::first_chunk). The call fails
    /// with the label of the first item that is an `Err`, or another failure by [`Outcome`], and
    /// succeeds if there is none at the end. If the stream is dropped before, `error_type` is
    /// `cancelled`; see [`ok_if_dropped`](LlmStream::ok_if_dropped). A panic in a poll is `panic`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use futures_util::{StreamExt as _, stream};
    /// use mcp_metrics::LlmCall;
    ///
    /// let call = LlmCall::start("openai", "gpt-4");
    /// let reply = stream::iter(["to", "be"]); // the response of the API
    /// assert_eq!(call.track_stream(reply).collect::<String>().await, "tobe");
    /// # }
    /// ```
    pub fn track_stream<S>(self, stream: S) -> LlmStream<S>
    where
        S: Stream<Item: Outcome>,
    {
        self.track_stream_with(stream, |_| None)
    }

    /// Ends the call with the stream of its reply, like [`track_stream`](Self::track_stream).
    /// `usage` returns the tokens in an item. Later numbers replace earlier ones, so an API may
    /// report them in the last item or running totals in each. It is not called after a failure.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use futures_util::{StreamExt as _, stream};
    /// use mcp_metrics::{LlmCall, TokenUsage};
    ///
    /// struct Chunk { usage: Option<TokenUsage> }
    ///
    /// let call = LlmCall::start("openai", "gpt-4");
    /// # let usage = Some(TokenUsage { input: 9, output: 2 });
    /// # let chunks = [Chunk { usage: None }, Chunk { usage }];
    /// # let reply = stream::iter(chunks.map(Ok::<_, std::io::Error>));
    /// let reply = call.track_stream_with(reply, |item| item.as_ref().ok()?.usage);
    /// assert_eq!(reply.count().await, 2);
    /// # }
    /// ```
    pub fn track_stream_with<S, F>(self, stream: S, usage: F) -> LlmStream<S, F>
    where
        S: Stream<Item: Outcome>,
        F: FnMut(&S::Item) -> Option<TokenUsage>,
    {
        LlmStream {
            inner: hand_over_to(self, stream, ReadUsage(usage)),
        }
    }
}

impl<S: Stream, F> LlmStream<S, F> {
    /// Counts the call as successful if the stream is dropped before its end, unless an item was a
    /// failure. For consumers that stop when they have enough.
    ///
    /// A stream that a panic drops is still `cancelled`, since its consumer did not decide to stop.
    pub fn ok_if_dropped(self) -> Self {
        Self {
            inner: ok_if_dropped(self.inner),
        }
    }
}

impl<S, F> Stream for LlmStream<S, F>
where
    S: Stream<Item: Outcome>,
    F: FnMut(&S::Item) -> Option<TokenUsage>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().inner.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.stream().size_hint()
    }
}

impl<S, F> FusedStream for LlmStream<S, F>
where
    S: FusedStream<Item: Outcome>,
    F: FnMut(&S::Item) -> Option<TokenUsage>,
{
    fn is_terminated(&self) -> bool {
        self.inner.stream().is_terminated()
    }
}

impl<S: Stream + fmt::Debug, F> fmt::Debug for LlmStream<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LlmStream")
            .field("stream", self.inner.stream())
            .finish_non_exhaustive()
    }
}
