//! Cumulative buckets of the summary: each finite bound with the observations at or below it.

use serde::{Deserialize, Serialize};

use crate::snapshot::HistogramSnapshot;

/// Durations, in buckets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DurationSummary {
    /// The number of durations.
    pub count: u64,
    /// The sum of all durations, in seconds.
    pub seconds: f64,
    /// The finite bucket bounds in seconds, each with the number of durations at or below it.
    pub buckets: Vec<(f64, u64)>,
}

impl DurationSummary {
    /// Adds the durations of a series, and returns their number.
    pub(super) fn add(&mut self, value: &HistogramSnapshot<'_>) -> u64 {
        let count = add(&mut self.buckets, value);
        self.count += count;
        self.seconds += value.sum;
        count
    }

    /// Estimates a quantile of the durations in seconds, as Prometheus' `histogram_quantile` does:
    /// by linear interpolation within a bucket. Above the last finite bound, it returns that bound.
    /// Returns `None` if there are no durations, or if `q` is not between 0 and 1.
    ///
    /// ```
    /// # use mcp_metrics::DurationSummary;
    /// let mut durations = DurationSummary::default();
    /// assert_eq!(durations.quantile(0.5), None);
    /// durations.count = 20;
    /// durations.buckets = vec![(1.0, 5), (2.0, 15), (4.0, 20)];
    /// assert_eq!(durations.quantile(0.5), Some(1.5));
    /// ```
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        quantile(&self.buckets, self.count, q)
    }
}

/// Adds the observations of a series to cumulative buckets, which get the series' bounds if there
/// are none. Returns the number of observations.
pub(super) fn add(buckets: &mut Vec<(f64, u64)>, value: &HistogramSnapshot<'_>) -> u64 {
    if buckets.is_empty() {
        buckets.extend(value.bounds.iter().map(|bound| (*bound, 0)));
    }
    let mut cumulative = 0;
    for ((_, count), more) in buckets.iter_mut().zip(&*value.counts) {
        cumulative += more;
        *count += cumulative;
    }
    value.counts.iter().sum()
}

/// Estimates a quantile of `count` observations as Prometheus' `histogram_quantile` does.
#[expect(
    clippy::cast_precision_loss,
    reason = "a number of observations; an estimate needs no more precision"
)]
pub(super) fn quantile(buckets: &[(f64, u64)], count: u64, q: f64) -> Option<f64> {
    if count == 0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let rank = q * count as f64;
    let (mut lower, mut below) = (0.0, 0);
    for &(upper, count) in buckets {
        if count as f64 >= rank {
            let inside = (count - below) as f64;
            if inside == 0.0 {
                return Some(lower);
            }
            return Some(lower + (upper - lower) * (rank - below as f64) / inside);
        }
        (lower, below) = (upper, count);
    }
    buckets.last().map(|(bound, _)| *bound)
}
