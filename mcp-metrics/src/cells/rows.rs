//! The rows of one pair of agent and operation: one for each thread and call site, and a shared one.

use std::iter;
use std::sync::Arc;

use super::row::{self, Row};
use crate::sync::{AtomicU64, Mutex, MutexGuard, OnceLock, PoisonError};

/// Rows of counters, which are read as if they were one.
#[derive(Debug)]
pub(super) struct Rows {
    /// What has no row of its own, and behind it cells of the caller's.
    shared: Box<[AtomicU64]>,
    /// While this is locked, none is added to the shared one.
    of_threads: OnceLock<Box<Mutex<OfThreads>>>,
}

type OfThreads = Vec<Arc<[AtomicU64]>>;

impl Rows {
    /// The shared row, with so many buckets, and behind it so many cells of the caller's.
    pub(super) fn new(buckets: usize, behind: usize) -> Self {
        Self {
            shared: row::zeros(buckets + behind),
            of_threads: OnceLock::new(),
        }
    }

    /// The row for whoever has none.
    pub(super) fn shared(&self) -> Row<'_> {
        Row(&self.shared)
    }

    /// The caller's cells behind the shared row, which has so many buckets.
    #[cfg(feature = "protobuf")]
    pub(super) fn behind(&self, buckets: usize) -> &[AtomicU64] {
        &self.shared[row::cells(buckets)..]
    }

    /// Adds a row of zeros for a thread.
    pub(super) fn join(&self, buckets: usize) -> Arc<[AtomicU64]> {
        let row: Arc<[AtomicU64]> = row::zeros(buckets);
        let rows = self.of_threads.get_or_init(Box::default);
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.push(Arc::clone(&row));
        row
    }

    /// Takes the row of a thread that ends.
    pub(super) fn leave(&self, row: &Arc<[AtomicU64]>) {
        let mut rows = self.of_threads();
        if let Some(rows) = &mut rows {
            rows.retain(|other| !Arc::ptr_eq(other, row));
        }
        self.shared().take_over(Row(row));
    }

    /// Puts the sums of all rows, which have so many buckets, in place of what is in `sums`.
    ///
    /// Starts are read last: whoever reads ends of requests first, here or elsewhere, never has more
    /// of these.
    pub(super) fn sum(&self, buckets: usize, sums: &mut Vec<u64>) {
        let held = self.of_threads();
        self.sum_held(held.as_deref(), buckets, sums);
        if held.is_none()
            && let Some(held) = self.of_threads()
        {
            // The first rows have come meanwhile. Their requests may have ended in the shared one,
            // and what they held be on its way there.
            self.sum_held(Some(&held), buckets, sums);
        }
    }

    fn sum_held(&self, held: Option<&OfThreads>, buckets: usize, sums: &mut Vec<u64>) {
        let of_threads = || held.into_iter().flatten().map(|row| Row(row));
        let rows = || iter::once(self.shared()).chain(of_threads());
        sums.clear();
        sums.resize(row::cells(buckets), 0);
        for row in rows() {
            for (cell, sum) in sums.iter_mut().enumerate() {
                *sum = sum.wrapping_add(row.get(cell));
            }
        }
        let started = rows().map(|row| row.get(row::STARTED));
        sums[row::STARTED] = started.fold(0, u64::wrapping_add);
    }

    /// All threads' rows, if there may be any.
    fn of_threads(&self) -> Option<MutexGuard<'_, OfThreads>> {
        let rows = self.of_threads.get()?;
        Some(rows.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
