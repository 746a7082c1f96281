//! A table of all series, by family and label values.

use std::hash::Hasher as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hashbrown::{HashTable, hash_table};
use metrics::SharedString;
use rapidhash::fast::RapidHasher;

use super::requests::SeriesConfig;
use crate::catalog::FamilyId;

/// A series that is found by its family and label values.
pub(crate) trait Interned: Sized + 'static {
    /// Creates a series with these labels, whose [`hash_labels`] is `hash`.
    fn new(
        family: FamilyId,
        values: &[SharedString],
        hash: u64,
        config: &'static SeriesConfig,
    ) -> Self;

    /// Returns the family.
    fn family(&self) -> FamilyId;

    /// Returns the label values, in the catalogue's order.
    fn values(&self) -> &[SharedString];

    /// Returns [`hash_labels`] of the family and the label values.
    fn hash(&self) -> u64;
}

/// Returns the hash of a series' family and label values.
#[inline]
pub(crate) fn hash_labels(family: FamilyId, values: &[SharedString]) -> u64 {
    let mut hasher = RapidHasher::default();
    hasher.write_u8(family.index());
    for value in values {
        hasher.write(value.as_bytes());
        // Keeps ("a", "bc") and ("ab", "c") apart.
        hasher.write_usize(value.len());
    }
    hasher.finish()
}

/// A table of all series of one kind.
#[derive(Debug)]
pub(crate) struct InternTable<S: 'static> {
    entries: RwLock<HashTable<Entry<S>>>,
    /// Changes when a series is added or evicted.
    generation: AtomicUsize,
}

#[derive(Debug)]
struct Entry<S: 'static> {
    series: Arc<S>,
    /// The same series, if it lives as long as the process: it belongs to a callsite, or threads
    /// may cache it. The reference is leaked, so the series is never evicted.
    pinned: Option<&'static S>,
}

/// A series of an [`InternTable`].
pub(crate) struct Found<S: 'static> {
    pub(crate) series: Arc<S>,
    pub(crate) pinned: Option<&'static S>,
    pub(crate) added: bool,
}

impl<S> Default for InternTable<S> {
    fn default() -> Self {
        Self {
            entries: RwLock::default(),
            generation: AtomicUsize::new(0),
        }
    }
}

impl<S: Interned> InternTable<S> {
    /// Calls `found` with the series that has these labels.
    pub(crate) fn with<R>(
        &self,
        family: FamilyId,
        values: &[SharedString],
        hash: u64,
        found: impl FnOnce(&Arc<S>) -> R,
    ) -> Option<R> {
        let entries = self.read();
        let entry = entries.find(hash, |entry| entry.has(family, values))?;
        Some(found(&entry.series))
    }

    /// Returns the series that has these labels, if it is pinned.
    pub(crate) fn pinned(
        &self,
        family: FamilyId,
        values: &[SharedString],
        hash: u64,
    ) -> Option<&'static S> {
        let entries = self.read();
        let entry = entries.find(hash, |entry| entry.has(family, values))?;
        entry.pinned
    }

    /// Returns the series with these labels. If there is none, it is created by `make` from their
    /// hash. A pinned series lives as long as the process.
    pub(crate) fn get_or_insert(
        &self,
        family: FamilyId,
        values: &[SharedString],
        pin: bool,
        make: impl FnOnce(u64) -> S,
    ) -> Found<S> {
        let hash = hash_labels(family, values);
        let mut entries = self.write();
        let same = |entry: &Entry<S>| entry.has(family, values);
        let (mut entry, added) = match entries.entry(hash, same, |entry| entry.series.hash()) {
            hash_table::Entry::Occupied(entry) => (entry, false),
            hash_table::Entry::Vacant(entry) => {
                self.generation.fetch_add(1, Ordering::Release);
                let series = Arc::new(make(hash));
                let pinned = None;
                (entry.insert(Entry { series, pinned }), true)
            }
        };
        let Entry { series, pinned } = entry.get_mut();
        if pin {
            // Pinned under the same lock, so that it cannot be evicted before.
            pinned.get_or_insert_with(|| Box::leak(Box::new(Arc::clone(series))));
        }
        Found {
            series: Arc::clone(series),
            pinned: *pinned,
            added,
        }
    }

    /// Returns a number that changes when a series is added or evicted.
    pub(crate) fn generation(&self) -> usize {
        self.generation.load(Ordering::Acquire)
    }

    /// Returns every series.
    pub(crate) fn all(&self) -> Vec<Arc<S>> {
        let entries = self.read();
        let series = entries.iter().map(|entry| Arc::clone(&entry.series));
        series.collect()
    }

    /// Evicts series that `is_idle` selects and whose strong count is at most `holders`, and calls
    /// `evicted` with each.
    pub(crate) fn evict(
        &self,
        holders: usize,
        mut is_idle: impl FnMut(&S) -> bool,
        mut evicted: impl FnMut(&S),
    ) {
        // Under the write lock no thread can get a new reference.
        let mut entries = self.write();
        let before = entries.len();
        entries.retain(|Entry { series, pinned }| {
            let evict = pinned.is_none() && Arc::strong_count(series) <= holders && is_idle(series);
            if evict {
                evicted(series);
            }
            !evict
        });
        if entries.len() != before {
            self.generation.fetch_add(1, Ordering::Release);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashTable<Entry<S>>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashTable<Entry<S>>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Interned> Entry<S> {
    fn has(&self, family: FamilyId, values: &[SharedString]) -> bool {
        self.series.family() == family && *self.series.values() == *values
    }
}
