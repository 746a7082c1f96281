//! One series of a counter family.

use metrics::SharedString;

use super::intern::Interned;
use super::local::{self, Place};
use super::requests::SeriesConfig;
use super::shard::Access;
use super::shards::Shards;
use crate::catalog::FamilyId;
use crate::sync::Ordering;

/// The one cell of a counter's shard.
const VALUE: usize = 0;

/// One series of a counter family.
#[derive(Debug)]
pub(crate) struct CounterSeries {
    pub(super) family: FamilyId,
    pub(super) values: Box<[SharedString]>,
    pub(super) hash: u64,
    pub(super) shards: Shards,
}

impl CounterSeries {
    /// Adds one in the shard of a callsite.
    #[inline]
    pub(crate) fn increment_at(&'static self, place: Place) {
        place.record(&self.shards, |shard, access| {
            shard.add(VALUE, 1, Ordering::Relaxed, access);
        });
    }

    /// Adds one in the shard that this thread caches for the labels; returns whether it has one.
    #[inline]
    pub(crate) fn increment_cached(family: FamilyId, values: &[SharedString], hash: u64) -> bool {
        let matches = |series: &Self| series.family == family && *series.values == *values;
        let incremented = local::find_cached(hash, matches, |_, shard| {
            shard.add(VALUE, 1, Ordering::Relaxed, Access::Exclusive);
        });
        incremented.is_some()
    }

    /// Adds one, on a thread that may cache a shard of the series.
    pub(crate) fn increment(&'static self) {
        local::record_cached(self, |shard, access| {
            shard.add(VALUE, 1, Ordering::Relaxed, access);
        });
    }

    /// Adds one in the shared shard.
    pub(crate) fn increment_shared(&self) {
        self.shards
            .shared()
            .add(VALUE, 1, Ordering::Relaxed, Access::Shared);
    }

    /// Returns the value; `buffer` is overwritten.
    pub(crate) fn value(&self, buffer: &mut Vec<u64>) -> u64 {
        self.shards.snapshot_into(buffer, VALUE);
        buffer[VALUE]
    }
}

impl Interned for CounterSeries {
    fn new(family: FamilyId, values: &[SharedString], hash: u64, _: &'static SeriesConfig) -> Self {
        Self {
            family,
            values: values.into(),
            hash,
            shards: Shards::new(1),
        }
    }

    fn family(&self) -> FamilyId {
        self.family
    }

    fn values(&self) -> &[SharedString] {
        &self.values
    }

    fn hash(&self) -> u64 {
        self.hash
    }
}
