//! Stops a running script at its deadline or when its caller drops the future.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The reason for stopping a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The deadline has passed.
    Timeout,
    /// The caller dropped the future.
    Cancelled,
}

/// A stop signal, polled by the script's thread and set by the caller's future.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// The deadline of the script.
    deadline: Instant,
    /// The time from the start to the deadline.
    limit: Duration,
    /// Set on cancellation; the condition variable wakes a sleeping script.
    cancelled: Arc<(Mutex<bool>, Condvar)>,
}

impl Stop {
    /// Creates a stop signal with a deadline after `limit`.
    pub(super) fn after(limit: Duration) -> Self {
        Self {
            deadline: Instant::now() + limit,
            limit,
            cancelled: Arc::default(),
        }
    }

    /// Returns the time limit of the script.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Returns a guard that cancels the script when dropped.
    pub(super) fn on_drop(&self) -> StopOnDrop {
        StopOnDrop(self.clone())
    }

    /// Returns the reason for stopping the script, or `None` while it may continue.
    pub(super) fn reason(&self) -> Option<Reason> {
        if *self
            .cancelled
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Some(Reason::Cancelled)
        } else if Instant::now() >= self.deadline {
            Some(Reason::Timeout)
        } else {
            None
        }
    }

    /// Sleeps until `time` has passed, the deadline is reached or the script is cancelled; returns
    /// the reason if it has to stop.
    pub(super) fn sleep(&self, time: Duration) -> Option<Reason> {
        let end = self.deadline.min(Instant::now() + time);
        let (flag, condition) = &*self.cancelled;
        let cancelled = flag.lock().unwrap_or_else(PoisonError::into_inner);
        let left = end.saturating_duration_since(Instant::now());
        drop(condition.wait_timeout_while(cancelled, left, |cancelled| !*cancelled));
        self.reason()
    }
}

/// A guard that cancels the script when dropped.
#[must_use = "dropping it stops the script"]
pub(super) struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let (flag, condition) = &*self.0.cancelled;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        condition.notify_all();
    }
}
