//! Keeping our own work from recording itself.
//!
//! What we do now and then allocates, some of it under a lock. If the program's allocator (or a
//! `tracing` subscriber that we log to) is tracked, that would record, allocate and lock again, for
//! ever. So whatever begins while a thread is at such work is not recorded.

use std::cell::Cell;

thread_local! {
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is at work of ours.
#[inline]
pub(crate) fn is_busy() -> bool {
    BUSY.get()
}

/// Marks this thread as being at work of ours until the value is dropped.
#[must_use]
pub(crate) fn enter() -> Busy {
    Busy {
        before: BUSY.replace(true),
    }
}

/// A thread at work of ours.
#[derive(Debug)]
pub(crate) struct Busy {
    before: bool,
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.set(self.before);
    }
}
