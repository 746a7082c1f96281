//! Futures with code that runs before the first poll and after the end.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// A future that calls `start` at its first poll, and `end` with the result of `start` and the
    /// output. Polled again, it behaves like the inner future.
    #[derive(Debug)]
    pub struct Observed<F, S, G, E> {
        // Before the state, so that the future is dropped before the result of `start`.
        #[pin]
        future: F,
        state: State<S, G, E>,
    }
}

#[derive(Debug)]
enum State<S, G, E> {
    Waiting(S, E),
    Started(G, E),
    Done,
}

/// Calls `start` at the first poll of a future, and `end` when it is ready.
pub const fn observe<F, S, G, E>(future: F, start: S, end: E) -> Observed<F, S, G, E>
where
    F: Future,
    S: FnOnce() -> G,
    E: FnOnce(G, &F::Output),
{
    Observed {
        future,
        state: State::Waiting(start, end),
    }
}

impl<F, S, G, E> Future for Observed<F, S, G, E>
where
    F: Future,
    S: FnOnce() -> G,
    E: FnOnce(G, &F::Output),
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if matches!(this.state, State::Waiting(..))
            && let State::Waiting(start, end) = std::mem::replace(this.state, State::Done)
        {
            *this.state = State::Started(start(), end);
        }
        let polled = this.future.poll(cx);
        if let Poll::Ready(value) = &polled
            && let State::Started(started, end) = std::mem::replace(this.state, State::Done)
        {
            end(started, value);
        }
        polled
    }
}

#[cfg(feature = "stream")]
impl<F, S, G, E> futures_core::FusedFuture for Observed<F, S, G, E>
where
    F: futures_core::FusedFuture,
    S: FnOnce() -> G,
    E: FnOnce(G, &F::Output),
{
    fn is_terminated(&self) -> bool {
        self.future.is_terminated()
    }
}
