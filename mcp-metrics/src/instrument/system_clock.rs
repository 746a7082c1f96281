//! The system's monotonic clock, for a crate without the feature `exporter`: recording through the
//! facade takes much longer than reading it.

/// A reading of the clock. Only the difference between two readings is meaningful.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(Option<std::time::Instant>);

impl Instant {
    /// No reading.
    pub(crate) const ZERO: Self = Self(None);

    /// Reads the clock.
    pub(crate) fn now() -> Self {
        Self(Some(std::time::Instant::now()))
    }

    /// Returns the nanoseconds since this reading.
    pub(crate) fn elapsed(self) -> u64 {
        let elapsed = self.0.map_or(0, |reading| reading.elapsed().as_nanos());
        u64::try_from(elapsed).unwrap_or(u64::MAX)
    }
}
