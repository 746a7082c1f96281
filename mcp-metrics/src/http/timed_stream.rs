//! A stream that fails at the deadline of its connection's state.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep_until};

use super::connection::Activity;
use super::peer_state::PeerState;

pin_project! {
    /// A stream whose reads and writes fail once the deadline of the connection's state has passed.
    ///
    /// A client that sends its request or reads the response slowly, or not at all, cannot hold its
    /// connection.
    pub(super) struct TimedStream<S> {
        #[pin]
        stream: S,
        activity: Arc<Activity>,
        timer: Pin<Box<Sleep>>,
    }
}

impl<S> TimedStream<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        let timer = Box::pin(sleep_until(activity.deadline()));
        Self {
            stream,
            activity,
            timer,
        }
    }
}

impl<S: AsyncRead> AsyncRead for TimedStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.project();
        let before = buf.filled().len();
        let read = this.stream.poll_read(cx, buf);
        if buf.filled().len() > before {
            this.activity.received();
        }
        check_deadline(read, this.activity, this.timer, cx)
    }
}

impl<S: AsyncWrite + PeerState> AsyncWrite for TimedStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.stream.poll_write(cx, buf);
        check_deadline(written, this.activity, this.timer, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.stream.poll_write_vectored(cx, bufs);
        check_deadline(written, this.activity, this.timer, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut this = self.project();
        let flushed = this.stream.as_mut().poll_flush(cx);
        if let Poll::Ready(Ok(())) = flushed {
            if this.activity.flushed() {
                // hyper may already wait for data, in which case it does not read again. Without
                // a timer, an idle connection would not be closed.
                if is_expired(this.activity, this.timer, cx) {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                return flushed;
            }
            // hyper flushes at each poll, but does not read while a request is in flight.
            if this.activity.is_busy()
                && !this.activity.is_abandoned()
                && this.stream.poll_leaving(cx).is_ready()
            {
                this.activity.abandon();
            }
        }
        check_deadline(flushed, this.activity, this.timer, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let closed = this.stream.poll_shutdown(cx);
        check_deadline(closed, this.activity, this.timer, cx)
    }
}

/// Returns `polled`, or an error if it is pending after the deadline.
fn check_deadline<T>(
    polled: Poll<io::Result<T>>,
    activity: &Activity,
    timer: &mut Pin<Box<Sleep>>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<T>> {
    if polled.is_pending() && is_expired(activity, timer, cx) {
        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
    }
    polled
}

/// Returns whether the deadline has passed; otherwise wakes the task at the deadline.
///
/// A later deadline does not reset the timer until it fires, since deadlines move with each request
/// and a reset takes the lock of the runtime's timers.
fn is_expired(activity: &Activity, timer: &mut Pin<Box<Sleep>>, cx: &mut Context<'_>) -> bool {
    let deadline = activity.deadline();
    if timer.deadline() > deadline {
        timer.as_mut().reset(deadline);
    }
    loop {
        if timer.as_mut().poll(cx).is_pending() {
            return false;
        }
        if timer.deadline() >= deadline {
            return true;
        }
        timer.as_mut().reset(deadline);
    }
}
