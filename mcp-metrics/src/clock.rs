//! The clock of all durations: the processor's own counter where it can be relied on, the system's
//! monotonic clock elsewhere.

use std::sync::OnceLock;

use quanta::Clock;

static CLOCK: OnceLock<Clock> = OnceLock::new();

/// A moment. It means something only next to another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(u64);

impl Moment {
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
