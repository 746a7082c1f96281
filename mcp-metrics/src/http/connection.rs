//! Connection states, and the deadline of each state.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::limits::Timeouts;

/// No request has been received.
const NEW: u8 = 0;
/// A request is in flight.
const BUSY: u8 = 1;
/// The response is complete but not yet written.
const SENDING: u8 = 2;
/// The response is written; the connection waits for another request.
const IDLE: u8 = 3;
/// A part of another request has been received.
const RECEIVING: u8 = 4;

/// The state of a connection, and the deadline of this state.
#[derive(Debug)]
pub(super) struct Activity {
    state: AtomicU8,
    /// Whether the client may have closed the connection during the request in flight.
    abandoned: AtomicBool,
    deadline: Mutex<Instant>,
    timeout: Duration,
    keep_alive: Duration,
}

impl Activity {
    /// Creates the state of a new connection.
    pub(super) fn new(timeouts: Timeouts) -> Arc<Self> {
        let Timeouts {
            request,
            keep_alive,
        } = timeouts;
        Arc::new(Self {
            state: AtomicU8::new(NEW),
            abandoned: AtomicBool::new(false),
            deadline: Mutex::new(after(request)),
            timeout: request,
            keep_alive,
        })
    }

    /// Records that a request was received. Returns the deadline of its response.
    pub(super) fn begin(&self) -> Instant {
        let deadline = self.set_deadline(self.timeout);
        self.state.store(BUSY, Ordering::Release);
        deadline
    }

    /// Returns whether no request has been received yet.
    pub(super) fn is_new(&self) -> bool {
        self.state.load(Ordering::Acquire) == NEW
    }

    /// Returns whether no request is in flight, so that the connection can be closed without loss.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state.load(Ordering::Acquire), NEW | IDLE | RECEIVING)
    }

    /// Returns whether a request is in flight and its response is not complete.
    pub(super) fn is_busy(&self) -> bool {
        self.state.load(Ordering::Acquire) == BUSY
    }

    /// Returns whether a request is in flight whose client may have closed the connection. Once the
    /// response is complete, a write fails if it has.
    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) && self.is_busy()
    }

    /// Records that the client may have closed the connection.
    pub(super) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }

    /// Returns the deadline of the current state.
    pub(super) fn deadline(&self) -> Instant {
        *self.lock_deadline()
    }

    /// Records that data was received. The first data after a response begins another request.
    pub(super) fn received(&self) {
        if self.state.load(Ordering::Acquire) == IDLE {
            self.set_deadline(self.timeout);
            self.state.store(RECEIVING, Ordering::Release);
        }
    }

    /// Records that the response is complete.
    fn body_done(&self) {
        self.state.store(SENDING, Ordering::Release);
    }

    /// Records that the written data was flushed. Returns whether the connection became idle.
    pub(super) fn flushed(&self) -> bool {
        if self.state.load(Ordering::Acquire) != SENDING {
            return false;
        }
        self.set_deadline(self.keep_alive);
        self.abandoned.store(false, Ordering::Relaxed);
        self.state.store(IDLE, Ordering::Release);
        true
    }

    /// Sets the deadline to `time` from now.
    fn set_deadline(&self, time: Duration) -> Instant {
        let deadline = after(time);
        *self.lock_deadline() = deadline;
        deadline
    }

    fn lock_deadline(&self) -> MutexGuard<'_, Instant> {
        self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the instant `time` from now; at most about 30 years, as timers of tokio do, if the clock
/// cannot represent it.
fn after(time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    Instant::now() + time.min(FAR)
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
