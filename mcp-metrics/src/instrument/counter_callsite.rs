//! Callsites of counters whose labels are literals.

use std::sync::OnceLock;

use metrics::{Key, SharedString};

use super::collected::collected;
use super::counters::key;
use super::dispatch::{Dispatch, METADATA};
use super::fast_path::{GlobalRegistry, ShardedCounter};
use super::lost;
use crate::catalog::FamilyId;
use crate::reentrancy;

/// A place in the source that increments a counter with literal labels.
#[derive(Debug)]
pub struct CounterCallsite {
    pub(super) family: FamilyId,
    values: &'static [&'static str],
    series: OnceLock<ShardedCounter>,
    key: OnceLock<Key>,
}

collected!(CounterCallsite);

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
            Dispatch::FastPath(registry) => self.series(registry).increment(),
            Dispatch::Facade => self.increment_facade(),
        }
    }

    /// Returns the series, which starts at zero.
    #[inline]
    pub(super) fn series(&self, registry: &'static GlobalRegistry) -> &ShardedCounter {
        match self.series.get() {
            Some(series) => series,
            None => self.first_series(registry),
        }
    }

    #[cold]
    fn first_series(&self, registry: &'static GlobalRegistry) -> &ShardedCounter {
        self.series
            .get_or_init(|| ShardedCounter::new(self, registry))
    }

    #[cold]
    fn increment_facade(&'static self) {
        let _guard = reentrancy::suppress();
        let key = self.key.get_or_init(|| key(self.family, &self.values()));
        lost::count(key);
        metrics::with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(1);
    }

    pub(super) fn values(&self) -> Vec<SharedString> {
        self.values.iter().copied().map(Into::into).collect()
    }
}
