//! The clock for durations: the CPU's time stamp counter if it is reliable, otherwise the system's
//! monotonic clock.
//!
//! quanta selects the clock once, from the CPU's feature flags. The time stamp counter must be
//! invariant: its rate must be the same in all power states. A virtual machine reports this only if
//! its host guarantees it. With the time stamp counter:
//!
//! - The rate is calibrated against the system's clock, to a few parts per million.
//! - A duration is zero if the second reading is not later than the first. The counters of two
//!   sockets may differ, and a counter restarts if it is lost while the machine is suspended.
//!   Whether suspended time counts depends on the CPU; the system's monotonic clock excludes it.
//! - If a virtual machine migrates to a host with another rate and that host does not hide the
//!   difference, durations are wrong by the ratio of the rates until the process restarts.

use std::sync::OnceLock;

use quanta::Clock;

static CLOCK: OnceLock<Clock> = OnceLock::new();

/// A reading of the clock. Only the difference between two readings is meaningful.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(u64);

impl Instant {
    /// The clock's origin.
    pub(crate) const ZERO: Self = Self(0);

    /// Reads the clock.
    #[inline]
    pub(crate) fn now() -> Self {
        Self(clock().raw())
    }

    /// Returns the nanoseconds since this reading; zero if it is later than the current one.
    #[inline]
    pub(crate) fn elapsed(self) -> u64 {
        let clock = clock();
        clock.delta_as_nanos(self.0, clock.raw())
    }
}

/// Calibrates the clock ahead of time, so that the first request is not delayed.
pub(crate) fn calibrate() {
    clock();
}

#[inline]
fn clock() -> &'static Clock {
    CLOCK.get_or_init(Clock::new)
}
