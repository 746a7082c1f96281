//! Detection of idle series.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The update count of a series that was last seen, and since when the count is unchanged.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdleSince {
    updates: u64,
    since: Instant,
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

    /// Returns which of `series` are idle for longer than `timeout`, with their update counts.
    pub(super) fn idle_series<T>(
        series: impl Iterator<Item = (*const T, Option<Self>)>,
        timeout: Duration,
    ) -> HashMap<*const T, u64> {
        let idle = series.filter_map(|(series, idle)| {
            let idle = idle?;
            (idle.since.elapsed() > timeout).then_some((series, idle.updates))
        });
        idle.collect()
    }
}
