//! Tells a running script to stop: because its time is up, or because nobody waits for it any more.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Why a script has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Its time is up.
    Timeout,
    /// Nobody waits for it.
    Cancelled,
}

/// Shared by the script's thread, which asks, and the caller's future, which cancels.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// When the time is up.
    deadline: Instant,
    /// How long that was from the start.
    limit: Duration,
    /// Set once nobody waits; the condition wakes a script that sleeps.
    cancelled: Arc<(Mutex<bool>, Condvar)>,
}

impl Stop {
    /// Starts the clock.
    pub(super) fn after(limit: Duration) -> Self {
        Self {
            deadline: Instant::now() + limit,
            limit,
            cancelled: Arc::default(),
        }
    }

    /// How long a script may take.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Something that cancels when it is dropped.
    pub(super) fn on_drop(&self) -> StopOnDrop {
        StopOnDrop(self.clone())
    }

    /// Why the script has to stop, if it has to.
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

    /// Sleeps, but no longer than the script may live.
    pub(super) fn sleep(&self, time: Duration) -> Option<Reason> {
        let end = self.deadline.min(Instant::now() + time);
        let (flag, condition) = &*self.cancelled;
        let cancelled = flag.lock().unwrap_or_else(PoisonError::into_inner);
        let left = end.saturating_duration_since(Instant::now());
        drop(condition.wait_timeout_while(cancelled, left, |cancelled| !*cancelled));
        self.reason()
    }
}

/// Cancels a script when the future that waits for it is dropped.
#[must_use = "dropping it stops the script"]
pub(super) struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let (flag, condition) = &*self.0.cancelled;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        condition.notify_all();
    }
}
