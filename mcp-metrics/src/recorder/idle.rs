//! Detection of idle series.

use std::time::{Duration, Instant};

/// The update count of a series that was last seen, and since when the count is unchanged.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdleSince {
    pub(super) updates: u64,
    pub(super) since: Instant,
}

impl IdleSince {
    /// Stores the current update count. Returns whether it is unchanged for longer than `timeout`.
    pub(super) fn is_idle(this: &mut Option<Self>, updates: u64, timeout: Duration) -> bool {
        match this {
            Some(idle) if idle.updates == updates => idle.since.elapsed() > timeout,
            _ => {
                let since = Instant::now();
                *this = Some(Self { updates, since });
                false
            }
        }
    }
}
