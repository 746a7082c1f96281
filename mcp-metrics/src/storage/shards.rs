//! The shards of one series: one for each thread that records often, and a shared one.

use std::iter;
use std::sync::Arc;

use super::shard::{self, Shard};
use crate::sync::{AtomicU64, Mutex, MutexGuard, OnceLock, PoisonError};

/// The shards of one series, which are read as their sum.
#[derive(Debug)]
pub(crate) struct Shards {
    /// For threads without a shard of their own, and for the values of retired shards.
    shared: Box<[AtomicU64]>,
    /// One per thread. While this is locked, no shard is registered or retired.
    per_thread: OnceLock<Box<Mutex<PerThread>>>,
}

type PerThread = Vec<Arc<[AtomicU64]>>;

impl Shards {
    /// Creates shards of `cells` cells each, all zero.
    pub(crate) fn new(cells: usize) -> Self {
        Self {
            shared: shard::zeros(cells),
            per_thread: OnceLock::new(),
        }
    }

    /// Returns the shard that any thread may write to.
    pub(crate) fn shared(&self) -> Shard<'_> {
        Shard(&self.shared)
    }

    /// Adds a shard for the calling thread.
    pub(crate) fn register(&self) -> Arc<[AtomicU64]> {
        let shard: Arc<[AtomicU64]> = shard::zeros(self.shared.len());
        let shards = self.per_thread.get_or_init(Box::default);
        let mut shards = shards.lock().unwrap_or_else(PoisonError::into_inner);
        shards.push(Arc::clone(&shard));
        shard
    }

    /// Removes a thread's shard and keeps its values in the shared one.
    pub(crate) fn retire(&self, shard: &Arc<[AtomicU64]>) {
        let mut shards = self.per_thread();
        if let Some(shards) = &mut shards {
            shards.retain(|other| !Arc::ptr_eq(other, shard));
        }
        self.shared().merge(Shard(shard));
    }

    /// Replaces the content of `sums` by the sum of all shards, cell by cell.
    ///
    /// The cell `last` is read after all others, in all shards. If it is always written before the
    /// others, its sum never lags behind the other sums.
    pub(crate) fn snapshot_into(&self, sums: &mut Vec<u64>, last: usize) {
        let held = self.per_thread();
        self.sum_held(held.as_deref(), sums, last);
        if held.is_none()
            && let Some(held) = self.per_thread()
        {
            // The first shards were registered meanwhile. Requests that started there may have
            // ended in the shared shard, or their values may be moving to it.
            self.sum_held(Some(&held), sums, last);
        }
    }

    fn sum_held(&self, held: Option<&PerThread>, sums: &mut Vec<u64>, last: usize) {
        let per_thread = || held.into_iter().flatten().map(|shard| Shard(shard));
        let shards = || iter::once(self.shared()).chain(per_thread());
        sums.clear();
        sums.resize(self.shared.len(), 0);
        for shard in shards() {
            for (cell, sum) in sums.iter_mut().enumerate() {
                *sum = sum.wrapping_add(shard.get(cell));
            }
        }
        let last_values = shards().map(|shard| shard.get(last));
        sums[last] = last_values.fold(0, u64::wrapping_add);
    }

    /// Locks the threads' shards, if there may be any.
    fn per_thread(&self) -> Option<MutexGuard<'_, PerThread>> {
        let shards = self.per_thread.get()?;
        Some(shards.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
