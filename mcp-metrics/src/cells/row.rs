//! The counters of one pair of agent and operation, in one piece.

use std::ops::Range;

use crate::sync::{AtomicU64, Ordering};

// What hardly ever moves, failures and the buckets of long durations, is at both ends: a row has its
// neighbours in memory, which may belong to other threads, and what shares a cache line with them
// should not be in a hurry.
pub(super) const FAILED: Range<usize> = 0..FAILURES;
/// How many kinds of failure have a counter in the row.
pub(super) const FAILURES: usize = 8;
pub(super) const STARTED: usize = FAILED.end;
pub(super) const SUCCEEDED: usize = STARTED + 1;
pub(super) const NANOSECONDS: usize = SUCCEEDED + 1;
pub(super) const BUCKETS: usize = NANOSECONDS + 1;

/// A row of counters, wherever it is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a>(pub(super) &'a [AtomicU64]);

/// Who writes to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writers {
    /// The one thread that it belongs to, which needs no locked instruction.
    One,
    /// Whoever comes.
    Many,
}

/// How long a row with so many buckets is.
pub(super) const fn cells(buckets: usize) -> usize {
    BUCKETS + buckets
}

/// A row of zeros, with so many buckets.
pub(super) fn zeros<T: FromIterator<AtomicU64>>(buckets: usize) -> T {
    let zeros = std::iter::repeat_with(AtomicU64::default);
    zeros.take(cells(buckets)).collect()
}

impl Row<'_> {
    #[inline]
    pub(super) fn start(self, writers: Writers) {
        self.add(STARTED, 1, Ordering::Relaxed, writers);
    }

    #[inline]
    pub(super) fn observe(self, bucket: usize, nanoseconds: u64, writers: Writers) {
        self.add(BUCKETS + bucket, 1, Ordering::Relaxed, writers);
        self.add(NANOSECONDS, nanoseconds, Ordering::Relaxed, writers);
    }

    #[inline]
    pub(super) fn succeed(self, writers: Writers) {
        self.add(SUCCEEDED, 1, Ordering::Release, writers);
    }

    #[inline]
    pub(super) fn fail(self, failure: usize, writers: Writers) {
        self.add(FAILED.start + failure, 1, Ordering::Release, writers);
    }

    /// Adds all that another row holds, which may be shorter.
    pub(super) fn take_over(self, other: Row<'_>) {
        for cell in 0..other.0.len() {
            self.add(cell, other.get(cell), Ordering::Release, Writers::Many);
        }
    }

    pub(super) fn get(self, cell: usize) -> u64 {
        self.0[cell].load(Ordering::Acquire)
    }

    #[inline]
    fn add(self, cell: usize, by: u64, order: Ordering, writers: Writers) {
        let cell = &self.0[cell];
        match writers {
            Writers::One => cell.store(cell.load(Ordering::Relaxed).wrapping_add(by), order),
            Writers::Many => {
                cell.fetch_add(by, order);
            }
        }
    }
}
