//! The series of a counter's callsite.

use super::GlobalRegistry;
use crate::instrument::CounterCallsite;
use crate::reentrancy;
use crate::storage::{CounterSeries, LabelSource, Place};

/// The series of a counter's callsite, and its place in each thread's table.
#[derive(Debug)]
pub(in crate::instrument) struct ShardedCounter {
    series: &'static CounterSeries,
    place: Place,
}

impl ShardedCounter {
    /// Finds or creates the series of a callsite.
    pub(in crate::instrument) fn new(
        callsite: &CounterCallsite,
        registry: &'static GlobalRegistry,
    ) -> Self {
        let _guard = reentrancy::suppress();
        let values = callsite.values();
        Self {
            series: registry.pinned_counter(callsite.family, &values, LabelSource::Static),
            place: Place::next(registry.table_size),
        }
    }

    /// Adds one.
    #[inline]
    pub(in crate::instrument) fn increment(&self) {
        self.series.increment_at(self.place);
    }
}
