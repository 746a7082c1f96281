//! The buckets of Prometheus' native histograms: eight per power of two, so that each bound is
//! about 9 % above the one below it.
//!
//! Format: <https://prometheus.io/docs/specs/native_histograms/>.

use std::time::Duration;

use crate::sync::{AtomicU64, Ordering};

/// The resolution: there are 2 to the power of this buckets per power of two.
pub(crate) const SCHEMA: i32 = 3;

/// The number of buckets per power of two.
const PER_OCTAVE: i32 = 1 << SCHEMA;

/// Values at or below this, 2 to the power of -30, are counted as zero. In seconds, that is about a
/// nanosecond.
pub(crate) const ZERO_THRESHOLD: f64 = 1.0 / 1_073_741_824.0;

/// The key of the first bucket above zero.
pub(crate) const FIRST_KEY: i32 = -30 * PER_OCTAVE + 1;

/// The key of the last bucket, which also counts all larger values, above 17 thousand million.
const LAST_KEY: i32 = 34 * PER_OCTAVE;

/// The number of cells: one for zero, then the buckets.
const CELLS: usize = (LAST_KEY - FIRST_KEY + 2) as usize;

/// The bounds of the buckets of an octave, as fractions of the next power of two.
const FRACTIONS: [f64; PER_OCTAVE as usize] = [
    0.5,
    0.545_253_866_332_628_8,
    0.594_603_557_501_360_5,
    0.648_419_777_325_504_8,
    0.707_106_781_186_547_5,
    0.771_105_412_703_970_4,
    0.840_896_415_253_714_4,
    0.917_004_043_204_671_1,
];

/// Returns the cells of an empty native histogram: one for zero, then the buckets.
pub(crate) fn cells() -> Box<[AtomicU64]> {
    let zeros = std::iter::repeat_with(AtomicU64::default);
    zeros.take(CELLS).collect()
}

/// Counts observations of a value.
#[inline]
pub(crate) fn count(cells: &[AtomicU64], value: f64, count: u64) {
    if let Some(cell) = cell(value) {
        cells[cell].fetch_add(count, Ordering::Relaxed);
    }
}

/// Counts a duration.
#[inline]
pub(crate) fn count_nanoseconds(cells: &[AtomicU64], nanoseconds: u64) {
    count(cells, Duration::from_nanos(nanoseconds).as_secs_f64(), 1);
}

/// Returns the cell that counts a value, or `None` for NaN. A negative value counts as zero, since
/// durations and sizes are not negative.
fn cell(value: f64) -> Option<usize> {
    if value.is_nan() {
        return None;
    }
    if value <= ZERO_THRESHOLD {
        return Some(0);
    }
    let key = if value.is_finite() {
        key(value).min(LAST_KEY)
    } else {
        LAST_KEY
    };
    usize::try_from(key - FIRST_KEY + 1).ok()
}

/// Returns the key of the bucket of a value above the threshold. The upper bound of bucket `k` is 2
/// to the power of `k / PER_OCTAVE`.
fn key(value: f64) -> i32 {
    const FRACTION: u64 = (1 << 52) - 1;
    const HALF: u64 = 1_022 << 52;
    let bits = value.to_bits();
    let exponent = i32::try_from(bits >> 52).unwrap_or(0) - 1_022;
    let fraction = f64::from_bits(HALF | bits & FRACTION);
    let within = FRACTIONS.partition_point(|end| *end < fraction);
    (exponent - 1) * PER_OCTAVE + i32::try_from(within).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_counted_in_the_first_bucket_at_or_above_it() {
        let end = |key: i32| (f64::from(key) / f64::from(PER_OCTAVE)).exp2();
        for value in [
            2e-9,
            1e-6,
            0.1,
            0.5,
            0.750_000_1,
            1.0,
            1.01,
            2.0,
            3.7,
            120.0,
            1e10,
        ] {
            let key = key(value);
            assert!(value <= end(key) * (1.0 + 1e-12), "{value}: {key}");
            assert!(value > end(key - 1) * (1.0 - 1e-12), "{value}: {key}");
        }
        assert_eq!((key(1.0), key(2.0), key(0.25)), (0, 8, -16));
    }

    #[test]
    fn zero_large_and_nan_values_have_defined_cells() {
        for zero in [0.0, -1.0, f64::NEG_INFINITY, ZERO_THRESHOLD, 5e-324] {
            assert_eq!(cell(zero), Some(0), "{zero}");
        }
        assert_eq!(cell(ZERO_THRESHOLD * 1.001), Some(1));
        for large in [1.8e10, f64::MAX, f64::INFINITY] {
            assert_eq!(cell(large), Some(CELLS - 1), "{large}");
        }
        assert_eq!(cell(f64::NAN), None);
    }
}
