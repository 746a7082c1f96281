//! Callsites of counters whose labels are literals.

use std::sync::OnceLock;

use metrics::{Key, SharedString};

use super::counters::key;
use super::dispatch::{Dispatch, METADATA};
use super::registry::GlobalRegistry;
use crate::catalog::FamilyId;
use crate::reentrancy;
use crate::storage::{CounterSeries, LabelSource, Place};

/// A place in the source that increments a counter with literal labels.
#[derive(Debug)]
pub struct CounterCallsite {
    family: FamilyId,
    values: &'static [&'static str],
    series: OnceLock<(&'static CounterSeries, Place)>,
    key: OnceLock<Key>,
}

/// A counter's callsite, collected by the linker.
#[derive(Debug)]
pub struct CounterEntry(pub &'static CounterCallsite);

inventory::collect!(CounterEntry);

pub(super) fn registered_counters() -> impl Iterator<Item = &'static CounterCallsite> {
    inventory::iter::<CounterEntry>().map(|CounterEntry(callsite)| *callsite)
}

impl CounterCallsite {
    /// Creates a callsite of `family`, with label values in the catalogue's order.
    ///
    /// # Panics
    ///
    /// If the number of values is not the number of the family's labels.
    #[must_use]
    pub const fn new(family: FamilyId, values: &'static [&'static str]) -> Self {
        assert!(
            values.len() == family.family().labels.len(),
            "expected exactly one value for each label of the family"
        );
        Self {
            family,
            values,
            series: OnceLock::new(),
            key: OnceLock::new(),
        }
    }

    /// Adds one to the series.
    #[inline]
    pub fn increment(&'static self) {
        match Dispatch::get() {
            Dispatch::Noop => {}
            // Before the callsite is initialized, which may allocate.
            _ if reentrancy::is_suppressed() => {}
            Dispatch::FastPath(registry) => {
                let (series, place) = self.series(registry);
                series.increment_at(place);
            }
            Dispatch::Facade => self.increment_facade(),
        }
    }

    /// Starts the series at zero.
    pub(super) fn declare(&'static self, registry: &'static GlobalRegistry) {
        self.series(registry);
    }

    #[inline]
    fn series(&'static self, registry: &'static GlobalRegistry) -> (&'static CounterSeries, Place) {
        match self.series.get() {
            Some(series) => *series,
            None => self.first_series(registry),
        }
    }

    #[cold]
    fn first_series(
        &'static self,
        registry: &'static GlobalRegistry,
    ) -> (&'static CounterSeries, Place) {
        *self.series.get_or_init(|| {
            let _guard = reentrancy::suppress();
            let values = self.values();
            let series = registry.pinned_counter(self.family, &values, LabelSource::Static);
            (series, Place::next(registry.table_size))
        })
    }

    #[cold]
    fn increment_facade(&'static self) {
        let _guard = reentrancy::suppress();
        let key = self.key.get_or_init(|| key(self.family, &self.values()));
        metrics::with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(1);
    }

    fn values(&self) -> Vec<SharedString> {
        self.values.iter().copied().map(Into::into).collect()
    }
}
