//! Futures of functions that return `!`.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// A future that is never ready. Its output is a type without values: the type of the inner
    /// future's output is `()` or `!`, depending on the edition.
    #[derive(Debug)]
    pub struct Endless<F> {
        #[pin]
        future: F,
    }
}

/// Wraps a future that is never ready.
pub const fn endless<F: Future>(future: F) -> Endless<F> {
    Endless { future }
}

impl<F: Future> Future for Endless<F> {
    type Output = Infallible;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Infallible> {
        let polled = self.project().future.poll(cx);
        polled.map(|_| unreachable!("a function that returns `!` has returned"))
    }
}
