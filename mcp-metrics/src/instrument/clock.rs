//! The clock of all durations: the processor's own counter where it can be relied on, the system's
//! monotonic clock elsewhere.
//!
//! quanta decides that once, by what the processor says of its time stamp counter: that its rate is
//! the same in all states of power, which a virtual machine says only if its host promises it. Then:
//!
//! - The rate is measured against the system's clock for a moment, to some millionths.
//! - A reading that is not later than the one before is no time at all: counters of two sockets may
//!   differ, and one that a suspended machine has lost begins anew. Whether the time of suspension
//!   counts is the processor's affair; the system's monotonic clock leaves it out.
//! - A virtual machine that moves to a host with another rate, which that host does not hide, has
//!   durations that are wrong by the ratio of both until the program begins anew.

use std::sync::OnceLock;

use quanta::Clock;

static CLOCK: OnceLock<Clock> = OnceLock::new();

/// A moment. It means something only next to another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(u64);

impl Instant {
    /// When the clock began.
    pub(crate) const ZERO: Self = Self(0);

    #[inline]
    pub(crate) fn now() -> Self {
        Self(clock().raw())
    }

    /// Nanoseconds since then; zero if the clock says that it is yet to come.
    #[inline]
    pub(crate) fn elapsed(self) -> u64 {
        let clock = clock();
        clock.delta_as_nanos(self.0, clock.raw())
    }
}

/// Calibrates the clock, which takes a moment, so that no request has to.
pub(crate) fn calibrate() {
    clock();
}

#[inline]
fn clock() -> &'static Clock {
    CLOCK.get_or_init(Clock::new)
}
