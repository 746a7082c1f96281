//! Connection states, and the deadline for each request.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// No request has been received.
const NEW: u8 = 0;
/// A request is in flight.
const BUSY: u8 = 1;
/// The response is complete but not yet written.
const SENDING: u8 = 2;
/// The response is written; the connection waits for another request.
const IDLE: u8 = 3;

/// The state of a connection, and the deadline of its current request.
#[derive(Debug)]
pub(super) struct Activity {
    state: AtomicU8,
    deadline: Mutex<Instant>,
    timeout: Duration,
}

impl Activity {
    /// Creates the state of a new connection. `timeout` covers receiving a request, and again
    /// answering it.
    pub(super) fn new(timeout: Duration) -> Arc<Self> {
        Arc::new(Self {
            state: AtomicU8::new(NEW),
            deadline: Mutex::new(Instant::now() + timeout),
            timeout,
        })
    }

    /// Records that a request was received, and starts its deadline.
    pub(super) fn begin(&self) {
        *self.deadline() = Instant::now() + self.timeout;
        self.state.store(BUSY, Ordering::Release);
    }

    /// Returns whether no request has been received yet.
    pub(super) fn is_new(&self) -> bool {
        self.state.load(Ordering::Acquire) == NEW
    }

    /// Returns whether no request is in flight, so that the connection can be closed without loss.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state.load(Ordering::Acquire), NEW | IDLE)
    }

    /// Records that the response is complete.
    fn body_done(&self) {
        self.state.store(SENDING, Ordering::Release);
    }

    /// Records that the written data was flushed.
    fn flushed(&self) {
        let _ = self
            .state
            .compare_exchange(SENDING, IDLE, Ordering::AcqRel, Ordering::Relaxed);
    }

    fn deadline(&self) -> MutexGuard<'_, Instant> {
        self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pin_project! {
    /// A stream whose writes fail once the response's deadline has passed, so that a client that
    /// reads slowly, or not at all, cannot hold its connection.
    pub(super) struct WriteDeadline<S> {
        #[pin]
        stream: S,
        activity: Arc<Activity>,
        timer: Pin<Box<Sleep>>,
    }
}

impl<S> WriteDeadline<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        let timer = Box::pin(sleep_until(*activity.deadline()));
        Self {
            stream,
            activity,
            timer,
        }
    }
}

impl<S: AsyncRead> AsyncRead for WriteDeadline<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().stream.poll_read(cx, buf)
    }
}

impl<S: AsyncWrite> AsyncWrite for WriteDeadline<S> {
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
        let this = self.project();
        let flushed = this.stream.poll_flush(cx);
        if let Poll::Ready(Ok(())) = flushed {
            this.activity.flushed();
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
    if polled.is_ready() {
        return polled;
    }
    let deadline = *activity.deadline();
    if timer.deadline() != deadline {
        timer.as_mut().reset(deadline);
    }
    match timer.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        Poll::Pending => Poll::Pending,
    }
}

pin_project! {
    /// A response body that records in [`Activity`] when the server has consumed and dropped it.
    pub(super) struct TrackedBody {
        #[pin]
        body: Body,
        on_drop: OnDrop,
    }
}

/// Records the drop of a [`TrackedBody`], which cannot implement `Drop` since it is projected.
struct OnDrop(Arc<Activity>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.body_done();
    }
}

impl TrackedBody {
    pub(super) fn new(body: Body, activity: Arc<Activity>) -> Self {
        Self {
            body,
            on_drop: OnDrop(activity),
        }
    }
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.project().body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
