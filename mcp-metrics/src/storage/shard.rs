//! A shard: the cells of one series that are written together.

use crate::sync::{AtomicU64, Ordering};

/// The cells of one series, as one thread or as all threads write them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shard<'a>(pub(crate) &'a [AtomicU64]);

/// How a shard is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only by its owning thread: a plain load and store suffice.
    Exclusive,
    /// By any thread: needs a read-modify-write.
    Shared,
}

/// Returns `cells` cells of zero.
pub(crate) fn zeros<T: FromIterator<AtomicU64>>(cells: usize) -> T {
    std::iter::repeat_with(AtomicU64::default)
        .take(cells)
        .collect()
}

impl Shard<'_> {
    /// Adds `by` to a cell.
    #[inline]
    pub(crate) fn add(self, cell: usize, by: u64, order: Ordering, access: Access) {
        let cell = &self.0[cell];
        match access {
            Access::Exclusive => cell.store(cell.load(Ordering::Relaxed).wrapping_add(by), order),
            Access::Shared => {
                cell.fetch_add(by, order);
            }
        }
    }

    /// Returns the value of a cell.
    pub(crate) fn get(self, cell: usize) -> u64 {
        self.0[cell].load(Ordering::Acquire)
    }

    /// Adds all cells of `other`, which any thread may write to meanwhile.
    pub(crate) fn merge(self, other: Shard<'_>) {
        for cell in 0..other.0.len() {
            self.add(cell, other.get(cell), Ordering::Release, Access::Shared);
        }
    }
}
