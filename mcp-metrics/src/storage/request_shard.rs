//! The layout of a request series' shard, and the writes to it.

use std::ops::Range;

use super::shard::{Access, Shard};
use crate::sync::Ordering;

// Cells that rarely change, failures and the buckets of long durations, are at both ends: the
// neighbours in memory may belong to another thread, and a cache line that two threads write to
// often slows both down.
pub(crate) const FAILED: Range<usize> = 0..FAILURES;
/// The number of kinds of failure that have a cell in the shard.
pub(crate) const FAILURES: usize = 8;
pub(crate) const STARTED: usize = FAILED.end;
pub(crate) const SUCCEEDED: usize = STARTED + 1;
pub(crate) const NANOSECONDS: usize = SUCCEEDED + 1;
pub(crate) const BUCKETS: usize = NANOSECONDS + 1;

/// Returns the number of cells with `buckets` buckets.
pub(crate) const fn cells(buckets: usize) -> usize {
    BUCKETS + buckets
}

impl Shard<'_> {
    /// Counts a start.
    #[inline]
    pub(crate) fn start(self, access: Access) {
        self.add(STARTED, 1, Ordering::Relaxed, access);
    }

    /// Counts a duration.
    #[inline]
    pub(crate) fn observe(self, bucket: usize, nanoseconds: u64, access: Access) {
        self.add(BUCKETS + bucket, 1, Ordering::Relaxed, access);
        self.add(NANOSECONDS, nanoseconds, Ordering::Relaxed, access);
    }

    /// Counts a success, after its duration.
    #[inline]
    pub(crate) fn succeed(self, access: Access) {
        self.add(SUCCEEDED, 1, Ordering::Release, access);
    }

    /// Counts a failure, after its duration.
    #[inline]
    pub(crate) fn fail(self, failure: usize, access: Access) {
        self.add(FAILED.start + failure, 1, Ordering::Release, access);
    }
}
