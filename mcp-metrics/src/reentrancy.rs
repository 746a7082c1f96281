//! Keeps the crate's own work from being recorded.
//!
//! Recording may allocate while holding a lock. If the global allocator or a `tracing` subscriber
//! is itself tracked, that would recurse or deadlock, so recordings that start under a
//! [`RecordingGuard`] are dropped.

use std::cell::Cell;

thread_local! {
    static SUPPRESSED: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether recordings on this thread are dropped.
#[inline]
pub(crate) fn is_suppressed() -> bool {
    SUPPRESSED.get()
}

/// Drops recordings on this thread until the guard is dropped.
#[must_use]
pub(crate) fn suppress() -> RecordingGuard {
    RecordingGuard {
        before: SUPPRESSED.replace(true),
    }
}

/// A guard that suppresses recordings on the thread that created it.
#[derive(Debug)]
pub(crate) struct RecordingGuard {
    before: bool,
}

impl Drop for RecordingGuard {
    fn drop(&mut self) {
        SUPPRESSED.set(self.before);
    }
}
