//! Futures of values that contain a stream.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::{Activity, Phase, PollGuard};

pin_project! {
    /// A future with an activity that starts at the first poll, and that `map` hands over to the
    /// stream in the output.
    ///
    /// Polled after the end, it polls the inner future and is pending unless that panics.
    #[derive(Debug)]
    pub struct OpenStream<F, A, M> {
        // The first field ends the compiler's search for interior mutability. The search would
        // recurse through all futures that this one awaits, and exceed the recursion limit.
        mutable: [AtomicBool; 0],
        // Before the activity, so that the future is dropped while it is active.
        #[pin]
        future: F,
        activity: A,
        phase: Phase,
        map: Option<M>,
    }
}

impl<F, A, M> OpenStream<F, A, M> {
    /// Wraps a future. The activity starts at the first poll.
    #[inline]
    pub(crate) const fn new(future: F, activity: A, map: M) -> Self {
        Self {
            mutable: [],
            future,
            activity,
            phase: Phase::Unpolled,
            map: Some(map),
        }
    }
}

impl<F, A, M, T> Future for OpenStream<F, A, M>
where
    F: Future,
    A: Activity,
    M: FnOnce(&mut A, F::Output) -> T,
{
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.project();
        let Some(guard) = PollGuard::new(this.activity, this.phase) else {
            let _ = this.future.poll(cx);
            return Poll::Pending;
        };
        let Poll::Ready(value) = this.future.poll(cx) else {
            guard.disarm();
            return Poll::Pending;
        };
        let Some(map) = this.map.take() else {
            guard.finish();
            return Poll::Pending;
        };
        // The guard reports a panic of `map`.
        let value = map(guard.activity, value);
        guard.finish();
        Poll::Ready(value)
    }
}

impl<F, A, M, T> FusedFuture for OpenStream<F, A, M>
where
    F: FusedFuture,
    A: Activity,
    M: FnOnce(&mut A, F::Output) -> T,
{
    fn is_terminated(&self) -> bool {
        self.future.is_terminated()
    }
}

/// A value that may contain a stream: a `Result` or an `Option`.
#[diagnostic::on_unimplemented(
    message = "the flag `stream` does not support `{Self}`",
    label = "expected a stream, or a `Result` or `Option` of one",
    note = "remove `stream`, and track the stream where it is created: \
            `mcp_metrics::track_stream(…)`"
)]
pub trait HoldsStream {
    /// The stream, or a value that contains it.
    type Inner;

    /// This type with another stream.
    type With<T>;

    /// Replaces the stream.
    fn map_stream<T>(self, map: impl FnOnce(Self::Inner) -> T) -> Self::With<T>;
}

impl<S, E> HoldsStream for Result<S, E> {
    type Inner = S;
    type With<T> = Result<T, E>;

    fn map_stream<T>(self, map: impl FnOnce(S) -> T) -> Result<T, E> {
        self.map(map)
    }
}

impl<S> HoldsStream for Option<S> {
    type Inner = S;
    type With<T> = Option<T>;

    fn map_stream<T>(self, map: impl FnOnce(S) -> T) -> Option<T> {
        self.map(map)
    }
}
