//! Readings of the request series.

use std::borrow::Cow;
use std::ops::Range;

use crate::storage::RequestCounts;

/// Readings of the series of a [`RequestIndex`](super::requests::RequestIndex). Each series is read
/// in one snapshot.
#[derive(Debug, Default)]
pub(super) struct RequestReadings {
    /// One per series, in the order of the index.
    pub(super) sets: Vec<Reading>,
    /// The buckets of all series, concatenated, not cumulative.
    pub(super) buckets: Vec<u64>,
    /// The failures of all series, concatenated.
    pub(super) failed: Vec<(Cow<'static, str>, u64)>,
}

/// A reading of one series.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) started: u64,
    pub(super) succeeded: u64,
    pub(super) in_flight: u64,
    pub(super) nanoseconds: u64,
    /// The range of the series' failures.
    pub(super) failed: Range<usize>,
    pub(super) is_idle: bool,
}

impl RequestReadings {
    /// Adds the counts of the next series, and moves the failures out of them.
    pub(super) fn add(&mut self, counts: &mut RequestCounts, is_idle: bool) {
        let in_flight = counts.in_flight();
        let first = self.failed.len();
        counts.failed.sort_unstable();
        self.failed.append(&mut counts.failed);
        self.buckets.extend_from_slice(counts.buckets());
        self.sets.push(Reading {
            started: counts.started(),
            succeeded: counts.succeeded(),
            in_flight,
            nanoseconds: counts.nanoseconds(),
            failed: first..self.failed.len(),
            is_idle,
        });
    }
}
