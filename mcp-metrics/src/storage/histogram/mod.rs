//! Histograms with fixed buckets: integer counts and a sum, constant in size, exact with any number
//! of threads.
//!
//! The exporter's own histograms store every sample until a scrape drains them, so memory grows
//! with traffic, and a sample that is recorded during a drain is lost. This module avoids both.

#[cfg(feature = "protobuf")]
pub(crate) mod native;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use metrics::HistogramFn;

use crate::sync::{AtomicU64, Ordering};

/// Upper bounds of buckets: finite, strictly increasing, at least one; `+Inf` is implied.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bounds {
    upper: Arc<[f64]>,
    /// The bounds in whole nanoseconds, rounded down: durations have no fractions of them.
    nanoseconds: Arc<[i64]>,
    /// Whether a native histogram is recorded as well.
    native: bool,
}

impl Bounds {
    /// Validates bucket bounds. A trailing `+Inf` is accepted and removed, since it is implied.
    pub(crate) fn new(bounds: &[f64]) -> Result<Self, InvalidBuckets> {
        let finite = match bounds {
            [rest @ .., last] if *last == f64::INFINITY => rest,
            all => all,
        };
        if finite.is_empty() {
            return Err(InvalidBuckets::Empty);
        }
        if let Some(bad) = finite.iter().find(|bound| !bound.is_finite()) {
            return Err(InvalidBuckets::NotFinite(*bad));
        }
        if let Some(pair) = finite.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(InvalidBuckets::NotRising(pair[0], pair[1]));
        }
        Ok(Self {
            upper: finite.into(),
            nanoseconds: finite
                .iter()
                .map(|bound| whole_nanoseconds(*bound))
                .collect(),
            native: false,
        })
    }

    /// Enables or disables a native histogram.
    #[cfg(feature = "protobuf")]
    pub(crate) fn native(mut self, native: bool) -> Self {
        self.native = native;
        self
    }

    pub(crate) fn as_slice(&self) -> &[f64] {
        &self.upper
    }

    /// Returns the number of buckets, including `+Inf`.
    pub(crate) fn buckets(&self) -> usize {
        self.upper.len() + 1
    }

    /// Returns whether a native histogram is recorded as well.
    #[cfg(feature = "protobuf")]
    pub(crate) fn has_native(&self) -> bool {
        self.native
    }

    /// Returns the index of the bucket that counts a duration.
    #[inline]
    pub(crate) fn index_of_nanoseconds(&self, nanoseconds: u64) -> usize {
        let nanoseconds = nanoseconds.cast_signed();
        self.nanoseconds
            .iter()
            .position(|bound| nanoseconds <= *bound)
            .unwrap_or(self.nanoseconds.len())
    }

    /// Returns the index of the bucket that counts `value`: the first whose bound is not below it.
    /// NaN is counted in `+Inf`, as in the official clients.
    fn index(&self, value: f64) -> usize {
        self.upper
            .iter()
            .position(|bound| value <= *bound)
            .unwrap_or(self.upper.len())
    }
}

/// An error from invalid bucket bounds of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBuckets {
    /// The list has no finite bound.
    #[error("no finite bucket bound; a histogram needs at least one")]
    Empty,
    /// A bound is NaN or infinite.
    #[error("bucket bound {0} is not finite; `+Inf` is added automatically")]
    NotFinite(f64),
    /// A bound is not above the previous one.
    #[error("bucket bounds must be strictly increasing, got {1} after {0}")]
    NotRising(f64, f64),
}

/// Returns the largest number of whole nanoseconds within a bound in seconds; negative if there is
/// none. Comparing integers is faster than converting each duration to a float.
fn whole_nanoseconds(bound: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it saturates, at 292 years"
    )]
    let floor = (bound * 1e9).floor() as i64;
    // The product was rounded, so its neighbours are checked with the comparison for floats.
    let fits = |nanoseconds: &i64| {
        u64::try_from(*nanoseconds).is_ok_and(|it| Duration::from_nanos(it).as_secs_f64() <= bound)
    };
    let near = [floor.saturating_add(1), floor, floor.saturating_sub(1)];
    near.into_iter().find(fits).unwrap_or(-1)
}

/// One series of a histogram family.
#[derive(Debug)]
pub(crate) struct Histogram {
    bounds: Bounds,
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
    /// Whether an observation was negative or NaN.
    decreases: AtomicBool,
    #[cfg(feature = "protobuf")]
    native: Option<Box<[AtomicU64]>>,
}

impl Histogram {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let zeros = std::iter::repeat_with(AtomicU64::default);
        Self {
            counts: zeros.take(bounds.buckets()).collect(),
            sum: AtomicU64::new(0.0_f64.to_bits()),
            decreases: AtomicBool::new(false),
            #[cfg(feature = "protobuf")]
            native: bounds.has_native().then(native::cells),
            bounds,
        }
    }

    pub(crate) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Appends the observations of each bucket, not cumulative, and returns their sum.
    pub(crate) fn snapshot_into(&self, counts: &mut Vec<u64>) -> f64 {
        let cells = self.counts.iter();
        counts.extend(cells.map(|count| count.load(Ordering::Relaxed)));
        f64::from_bits(self.sum.load(Ordering::Relaxed))
    }

    /// Returns the cells of the native histogram, if it is enabled.
    #[cfg(feature = "protobuf")]
    pub(crate) fn native(&self) -> Option<&[AtomicU64]> {
        self.native.as_deref()
    }

    /// Returns whether the sum may decrease: an observation was negative or NaN.
    pub(crate) fn decreases(&self) -> bool {
        self.decreases.load(Ordering::Relaxed)
    }

    fn add_to_sum(&self, value: f64) {
        let add = |bits| Some((f64::from_bits(bits) + value).to_bits());
        // The closure never declines, so the update cannot fail.
        let _ = self
            .sum
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

impl HistogramFn for Histogram {
    fn record(&self, value: f64) {
        self.record_many(value, 1);
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a sum is a float; 2^53 equal observations fit"
    )]
    fn record_many(&self, value: f64, count: usize) {
        if count == 0 {
            // Zero times infinity is not zero.
            return;
        }
        self.counts[self.bounds.index(value)].fetch_add(count as u64, Ordering::Relaxed);
        #[cfg(feature = "protobuf")]
        if let Some(native) = &self.native {
            native::count(native, value, count as u64);
        }
        if value.is_nan() || value < 0.0 {
            self.decreases.store(true, Ordering::Relaxed);
        }
        self.add_to_sum(value * count as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_on_a_bound_is_counted_in_that_bucket() {
        let bounds = Bounds::new(&[0.1, 1.0]).unwrap();
        let indices: Vec<_> = [0.1, 0.100_001, 1.0, 1.5, f64::NAN, f64::NEG_INFINITY]
            .map(|v| bounds.index(v))
            .into();
        assert_eq!(indices, [0, 1, 1, 2, 2, 0]);
    }

    #[test]
    fn durations_are_counted_in_the_buckets_of_their_seconds() {
        let bounds = [-1.0, 0.0, 1.0e-9, 2.9e-7, 0.1, 0.3, 1.0, 2.5, 120.0, 1.0e12];
        let bounds = Bounds::new(&bounds).unwrap();
        for near in [
            0,
            1,
            2,
            290,
            100_000_000,
            300_000_000,
            1_000_000_000,
            2_500_000_000,
            120_000_000_000,
        ] {
            for nanoseconds in [near, near + 1, u64::saturating_sub(near, 1)] {
                let seconds = Duration::from_nanos(nanoseconds).as_secs_f64();
                assert_eq!(
                    bounds.index_of_nanoseconds(nanoseconds),
                    bounds.index(seconds),
                    "{nanoseconds} ns"
                );
            }
        }
    }

    #[test]
    fn invalid_bounds_are_rejected() {
        assert_eq!(Bounds::new(&[]), Err(InvalidBuckets::Empty));
        assert_eq!(Bounds::new(&[f64::INFINITY]), Err(InvalidBuckets::Empty));
        assert_eq!(
            Bounds::new(&[1.0, 1.0]),
            Err(InvalidBuckets::NotRising(1.0, 1.0))
        );
        assert!(matches!(
            Bounds::new(&[f64::NAN, 1.0]),
            Err(InvalidBuckets::NotFinite(_))
        ));
        assert_eq!(Bounds::new(&[1.0, f64::INFINITY]), Bounds::new(&[1.0]));
    }
}
