//! What a connection is doing, and for how long it may.

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

/// No request has come yet.
const NEW: u8 = 0;
/// A request is being answered.
const BUSY: u8 = 1;
/// The answer is made and on its way.
const SENDING: u8 = 2;
/// The answer is sent.
const IDLE: u8 = 3;

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Activity {
    state: AtomicU8,
    deadline: Mutex<Instant>,
    timeout: Duration,
}

impl Activity {
    /// A connection that has this long for each answer.
    pub(super) fn new(timeout: Duration) -> Arc<Self> {
        Arc::new(Self {
            state: AtomicU8::new(NEW),
            deadline: Mutex::new(Instant::now() + timeout),
            timeout,
        })
    }

    /// A request has come; its answer is due.
    pub(super) fn begin(&self) {
        *self.deadline() = Instant::now() + self.timeout;
        self.state.store(BUSY, Ordering::Release);
    }

    /// Whether no request has ever come.
    pub(super) fn is_new(&self) -> bool {
        self.state.load(Ordering::Acquire) == NEW
    }

    /// Whether nothing is asked of it: it can go without loss.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.state.load(Ordering::Acquire), NEW | IDLE)
    }

    fn made(&self) {
        self.state.store(SENDING, Ordering::Release);
    }

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
    /// A stream on which an answer that is not taken in time is an error: a client that reads
    /// slowly, or not at all, does not keep its connection.
    pub(super) struct Timed<S> {
        #[pin]
        stream: S,
        activity: Arc<Activity>,
        late: Pin<Box<Sleep>>,
    }
}

impl<S> Timed<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        let late = Box::pin(sleep_until(*activity.deadline()));
        Self {
            stream,
            activity,
            late,
        }
    }
}

impl<S: AsyncRead> AsyncRead for Timed<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().stream.poll_read(cx, buf)
    }
}

impl<S: AsyncWrite> AsyncWrite for Timed<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.stream.poll_write(cx, buf);
        in_time(written, this.activity, this.late, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.stream.poll_write_vectored(cx, bufs);
        in_time(written, this.activity, this.late, cx)
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
        in_time(flushed, this.activity, this.late, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let shut = this.stream.poll_shutdown(cx);
        in_time(shut, this.activity, this.late, cx)
    }
}

/// An error instead of what is still to be waited for, once the answer is late.
fn in_time<T>(
    polled: Poll<io::Result<T>>,
    activity: &Activity,
    late: &mut Pin<Box<Sleep>>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<T>> {
    if polled.is_ready() {
        return polled;
    }
    let deadline = *activity.deadline();
    if late.deadline() != deadline {
        late.as_mut().reset(deadline);
    }
    match late.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        Poll::Pending => Poll::Pending,
    }
}

pin_project! {
    /// An answer's body that says when it has been handed over.
    pub(super) struct Answer {
        #[pin]
        body: Body,
        handed_over: HandedOver,
    }
}

struct HandedOver(Arc<Activity>);

impl Drop for HandedOver {
    fn drop(&mut self) {
        self.0.made();
    }
}

impl Answer {
    pub(super) fn new(body: Body, activity: Arc<Activity>) -> Self {
        Self {
            body,
            handed_over: HandedOver(activity),
        }
    }
}

impl HttpBody for Answer {
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
