//! The limits of the listener.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

/// The limits of a listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The maximum number of open connections.
    pub(crate) connections: usize,
    /// The deadline for receiving a request, and for answering it.
    pub(crate) timeout: Duration,
    /// The shortest time that an idle connection is kept open.
    pub(crate) keep_alive: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            timeout: Duration::from_secs(30),
            keep_alive: Duration::from_secs(5 * 60),
        }
    }
}

/// The timeouts of one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// The time to receive a request, and again to answer it.
    pub(super) request: Duration,
    /// The time that the connection is kept open without a request. If it is closed after each
    /// response, the time for closing it.
    pub(super) keep_alive: Duration,
}

impl Limits {
    /// Returns the timeouts of a new connection.
    ///
    /// Idle connections are kept 10 to 20 % longer than configured. If they were closed after
    /// exactly a scrape interval, the next request would often be sent at the same time and fail. The random
    /// part keeps connections that were opened together from being closed together.
    pub(super) fn timeouts(&self) -> Timeouts {
        const UNITS: u32 = 1_000;
        if self.keep_alive.is_zero() {
            return Timeouts {
                request: self.timeout,
                keep_alive: self.timeout,
            };
        }
        // Each `RandomState` has different keys.
        let random = RandomState::new().build_hasher().finish() % u64::from(UNITS);
        #[expect(clippy::cast_possible_truncation, reason = "it is below `UNITS`")]
        let margin = self.keep_alive / 10 + self.keep_alive / 10 / UNITS * random as u32;
        Timeouts {
            request: self.timeout,
            keep_alive: self.keep_alive.saturating_add(margin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keep_alive_has_a_margin_and_jitter() {
        let limits = Limits::default();
        let times: Vec<_> = (0..100).map(|_| limits.timeouts().keep_alive).collect();
        let range = limits.keep_alive * 11 / 10..=limits.keep_alive * 12 / 10;
        assert!(times.iter().all(|time| range.contains(time)), "{times:?}");
        assert!(times.iter().any(|time| *time != times[0]), "{times:?}");
    }

    #[test]
    fn longest_keep_alive_does_not_overflow() {
        let keep_alive = Duration::MAX;
        let limits = Limits {
            keep_alive,
            ..Limits::default()
        };
        assert_eq!(limits.timeouts().keep_alive, keep_alive);
    }
}
