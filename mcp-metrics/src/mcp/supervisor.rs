//! Runs a handler's future, and under supervision contains its panics and ends it at cancellation.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

/// How a handler's future ended.
pub(super) enum Ended<T> {
    Returned(T),
    /// It panicked, with this message.
    Panicked(String),
    /// It was dropped, because its request was cancelled.
    Cancelled,
}

/// Runs `future` to its end.
///
/// If it is `supervised`, also ends when `cancelled` is ready, and when it panics. Otherwise a
/// panic unwinds, and the future runs on after a cancellation.
pub(super) async fn run<F: Future>(
    supervised: bool,
    mut future: Pin<&mut F>,
    cancelled: impl Future<Output = ()>,
) -> Ended<F::Output> {
    let mut cancelled = pin!(cancelled);
    poll_fn(|cx| {
        if !supervised {
            return future.as_mut().poll(cx).map(Ended::Returned);
        }
        // The future is not polled again after a panic.
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        match polled {
            Ok(Poll::Ready(value)) => Poll::Ready(Ended::Returned(value)),
            Err(payload) => Poll::Ready(Ended::Panicked(message(&*payload))),
            Ok(Poll::Pending) => cancelled.as_mut().poll(cx).map(|()| Ended::Cancelled),
        }
    })
    .await
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
