//! The calling thread's shards: one for each callsite that it has executed, and a cache of shards
//! for dynamic labels.

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::counters::CounterSeries;
use super::requests::RequestSeries;
use super::shard::{Access, Shard};
use super::shards::Shards;
use crate::reentrancy;
use crate::sync::AtomicU64;

/// The number of series with dynamic labels, of one kind, whose shards a thread can cache.
const SLOTS: usize = 128;

/// Consecutive misses after which a colliding series evicts the slot's owner. Keeps one-off label
/// sets from thrashing the cache.
const EVICT_AFTER_MISSES: u32 = 64;

thread_local! {
    static LOCAL: LocalShards = const {
        LocalShards {
            callsites: OnceCell::new(),
            requests: OnceCell::new(),
            counters: OnceCell::new(),
        }
    };
}

/// The shards of one thread.
struct LocalShards {
    callsites: OnceCell<CallsiteTable>,
    requests: Cache<RequestSeries>,
    counters: Cache<CounterSeries>,
}

/// Shards by the places of their callsites.
type CallsiteTable = Box<[OnceCell<LocalShard>]>;

type Cache<S> = OnceCell<Box<[CacheSlot<S>; SLOTS]>>;

/// A slot for the series whose labels have the same hash modulo [`SLOTS`].
struct CacheSlot<S: 'static> {
    owner: RefCell<Option<(&'static S, LocalShard)>>,
    /// Lookups of other series since the owner's last.
    misses: Cell<u32>,
}

impl<S> Default for CacheSlot<S> {
    fn default() -> Self {
        Self {
            owner: RefCell::new(None),
            misses: Cell::new(0),
        }
    }
}

/// A shard of this thread, and the series that it belongs to.
struct LocalShard {
    cells: Arc<[AtomicU64]>,
    shards: &'static Shards,
}

impl LocalShard {
    fn new(shards: &'static Shards) -> Self {
        Self {
            cells: shards.register(),
            shards,
        }
    }
}

impl Drop for LocalShard {
    fn drop(&mut self) {
        self.shards.retire(&self.cells);
    }
}

/// The index of a callsite in each thread's table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    index: usize,
    /// The size of the tables. A callsite of a library that was loaded later is beyond it and
    /// records in the shared shard.
    tables: usize,
}

impl Place {
    /// Takes the next free place in tables of this size.
    pub(crate) fn next(tables: usize) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Self {
            index: NEXT.fetch_add(1, Ordering::Relaxed),
            tables,
        }
    }

    /// Calls `record` once: with this thread's shard, or with the shared one if the thread cannot
    /// have a shard.
    #[inline]
    pub(crate) fn record(self, shards: &'static Shards, mut record: impl FnMut(Shard<'_>, Access)) {
        let recorded = LOCAL.try_with(|local| {
            let shard = local.callsite(self, shards);
            shard.map(|shard| record(shard, Access::Exclusive))
        });
        if !matches!(recorded, Ok(Some(()))) {
            record(shards.shared(), Access::Shared);
        }
    }
}

/// A series that threads can cache a shard of.
pub(crate) trait Cached: Sized + 'static {
    /// Returns the series' shards.
    fn shards(&self) -> &Shards;

    /// Returns the hash of the series' labels.
    fn hash(&self) -> u64;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "implemented in this module alone")]
    fn cache(local: &LocalShards) -> &Cache<Self>;
}

macro_rules! cached {
    ($($series:ty: $cache:ident),+) => {$(
        impl Cached for $series {
            #[inline]
            fn shards(&self) -> &Shards {
                &self.shards
            }

            #[inline]
            fn hash(&self) -> u64 {
                self.hash
            }

            #[expect(private_interfaces, reason = "implemented in this module alone")]
            #[inline]
            fn cache(local: &LocalShards) -> &Cache<Self> {
                &local.$cache
            }
        }
    )+};
}

cached!(RequestSeries: requests, CounterSeries: counters);

/// Calls `found` with the cached series that has this hash and that `matches` accepts, and with its
/// shard; returns `None` if there is none.
#[inline]
pub(crate) fn find_cached<S: Cached, R>(
    hash: u64,
    matches: impl FnOnce(&S) -> bool,
    found: impl FnOnce(&'static S, Shard<'_>) -> R,
) -> Option<R> {
    let found = LOCAL.try_with(|local| {
        let slot = &S::cache(local).get()?[slot(hash)];
        let owner = slot.owner.try_borrow().ok()?;
        let (series, shard) = owner.as_ref()?;
        if !matches(series) {
            return None;
        }
        slot.misses.set(0);
        Some(found(series, Shard(&shard.cells)))
    });
    found.ok().flatten()
}

/// Calls `record` once: with the shard that this thread caches for the series, or with the shared
/// one.
#[inline]
pub(crate) fn record_cached<S: Cached>(
    series: &'static S,
    mut record: impl FnMut(Shard<'_>, Access),
) {
    let is_owner = |owner: &S| std::ptr::eq(owner, series);
    let recorded = find_cached(series.hash(), is_owner, |_, shard| {
        record(shard, Access::Exclusive);
    });
    if recorded.is_none() {
        claim(series, &mut record);
    }
}

/// Claims the series' slot if it is free or its owner is to be evicted, and records in the new
/// shard; otherwise records in the shared shard.
#[cold]
fn claim<S: Cached>(series: &'static S, record: &mut dyn FnMut(Shard<'_>, Access)) {
    let _guard = reentrancy::suppress();
    let claimed = LOCAL.try_with(|local| {
        let slots =
            S::cache(local).get_or_init(|| Box::new(std::array::from_fn(|_| CacheSlot::default())));
        let CacheSlot { owner, misses } = &slots[slot(series.hash())];
        let mut owner = owner.try_borrow_mut().ok()?;
        misses.set(misses.get() + 1);
        if owner.is_some() && misses.get() < EVICT_AFTER_MISSES {
            return None;
        }
        misses.set(0);
        let (_, shard) = owner.insert((series, LocalShard::new(series.shards())));
        record(Shard(&shard.cells), Access::Exclusive);
        Some(())
    });
    if !matches!(claimed, Ok(Some(()))) {
        record(series.shards().shared(), Access::Shared);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "any bits of a hash can serve as an index"
)]
fn slot(hash: u64) -> usize {
    hash as usize % SLOTS
}

impl LocalShards {
    #[inline]
    fn callsite(&self, place: Place, shards: &'static Shards) -> Option<Shard<'_>> {
        let table = self.callsites.get();
        match table.and_then(|table| table.get(place.index)?.get()) {
            Some(shard) => Some(Shard(&shard.cells)),
            None => self.register(place, shards),
        }
    }

    #[cold]
    fn register(&self, place: Place, shards: &'static Shards) -> Option<Shard<'_>> {
        let _guard = reentrancy::suppress();
        let table = self
            .callsites
            .get_or_init(|| (0..place.tables).map(|_| OnceCell::new()).collect());
        let shard = table
            .get(place.index)?
            .get_or_init(|| LocalShard::new(shards));
        Some(Shard(&shard.cells))
    }
}

impl Drop for LocalShards {
    fn drop(&mut self) {
        // A tracked allocator would need the shards that are being dropped.
        let _guard = reentrancy::suppress();
        drop((
            self.callsites.take(),
            self.requests.take(),
            self.counters.take(),
        ));
    }
}
