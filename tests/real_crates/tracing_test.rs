//! The items that the tests of `tracing-attributes` use from a crate that was never published.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Polls a future until it is ready.
pub fn block_on_future<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(output) = polled {
            return output;
        }
    }
}

/// A future that is ready at its n-th poll.
#[derive(Debug)]
pub struct PollN<T, E> {
    /// Its output.
    output: Option<Result<T, E>>,
    /// The number of polls that are left.
    polls: usize,
}

impl PollN<(), ()> {
    /// Returns a future that resolves to `Ok`.
    pub fn new_ok(polls: usize) -> Self {
        let output = Some(Ok(()));
        Self { output, polls }
    }

    /// Returns a future that resolves to `Err`.
    pub fn new_err(polls: usize) -> Self {
        let output = Some(Err(()));
        Self { output, polls }
    }
}

impl<T: Unpin, E: Unpin> Future for PollN<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.polls -= 1;
        if self.polls > 0 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(
            self.output
                .take()
                .expect("the future is not polled after it was ready"),
        )
    }
}
