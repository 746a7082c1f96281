//! The series that are recorded in shards: those of the recorder that `install` made global.

use std::sync::{Arc, OnceLock};

use metrics::SharedString;

use super::zero_series;
use crate::catalog::FamilyId;
use crate::reentrancy;
use crate::request_labels::{RequestLabels, share};
use crate::storage::histogram::Bounds;
use crate::storage::{
    CardinalityLimiter, CounterSeries, Found, InternTable, Interned, LabelSource, RequestSeries,
    SeriesConfig, hash_labels,
};

static INSTALLED: OnceLock<GlobalRegistry> = OnceLock::new();

/// The series under the recorder that `install` made global.
#[derive(Debug)]
pub(crate) struct GlobalRegistry {
    /// The recorder's address. It is never freed, so no other recorder can have the same one; the
    /// address of any other recorder may be reused.
    address: usize,
    config: SeriesConfig,
    /// Whether series with dynamic labels are evicted when they are idle.
    evicts: bool,
    /// The size of each thread's table of callsites.
    pub(super) table_size: usize,
    requests: InternTable<RequestSeries>,
    counters: InternTable<CounterSeries>,
}

impl GlobalRegistry {
    /// Creates the registry of the recorder at `address`, which must be the global one, and starts
    /// the series of all callsites at zero.
    pub(crate) fn install(
        address: usize,
        bounds: Bounds,
        limiter: Arc<CardinalityLimiter>,
        evicts: bool,
    ) -> &'static Self {
        let registry = INSTALLED.get_or_init(|| Self {
            address,
            config: SeriesConfig { bounds, limiter },
            evicts,
            table_size: zero_series::callsites(),
            requests: InternTable::default(),
            counters: InternTable::default(),
        });
        zero_series::declare(registry);
        registry
    }

    /// Returns the registry if a recorder is installed.
    #[inline]
    pub(crate) fn installed() -> Option<&'static Self> {
        INSTALLED.get()
    }

    /// Returns whether its recorder has this address.
    #[inline]
    pub(in crate::instrument) const fn is_at(&self, address: usize) -> bool {
        self.address == address
    }

    /// Returns the series of all requests.
    pub(crate) fn requests(&self) -> &InternTable<RequestSeries> {
        &self.requests
    }

    /// Returns the series of all counter families.
    pub(crate) fn counters(&self) -> &InternTable<CounterSeries> {
        &self.counters
    }

    /// Frees a counter's slot in the cardinality limit.
    pub(crate) fn release_counter(&self, family: FamilyId, values: &[SharedString]) {
        self.config.limiter.release(family.family().name, values);
    }

    /// Returns the request series with these labels, which lives as long as the process.
    pub(super) fn pinned_request(
        &'static self,
        labels: &RequestLabels,
        source: LabelSource,
    ) -> &'static RequestSeries {
        self.pinned(
            &self.requests,
            RequestSeries::FAMILY,
            labels.values(),
            source,
        )
    }

    /// Returns the counter series with these labels, which lives as long as the process.
    pub(super) fn pinned_counter(
        &'static self,
        family: FamilyId,
        values: &[SharedString],
        source: LabelSource,
    ) -> &'static CounterSeries {
        self.pinned(&self.counters, family, values, source)
    }

    /// Returns the request series with these dynamic labels, as an `Err` if it may be evicted once
    /// the caller drops it.
    #[inline]
    pub(crate) fn dynamic_request(
        &'static self,
        labels: &RequestLabels,
    ) -> Result<&'static RequestSeries, Arc<RequestSeries>> {
        let hash = hash_labels(RequestSeries::FAMILY, labels.values());
        match RequestSeries::find_cached(labels, hash) {
            Some(series) => Ok(series),
            None if self.evicts => {
                Err(self.evictable(&self.requests, RequestSeries::FAMILY, labels.values(), hash))
            }
            None => Ok(self.pinned_request(labels, LabelSource::Dynamic)),
        }
    }

    /// Adds one to the counter series with these dynamic labels.
    #[inline]
    pub(in crate::instrument) fn increment(
        &'static self,
        family: FamilyId,
        values: &[SharedString],
    ) {
        let hash = hash_labels(family, values);
        if !CounterSeries::increment_cached(family, values, hash) {
            self.increment_uncached(family, values, hash);
        }
    }

    #[cold]
    fn increment_uncached(&'static self, family: FamilyId, values: &[SharedString], hash: u64) {
        if self.evicts {
            self.evictable(&self.counters, family, values, hash)
                .increment_shared();
        } else {
            self.pinned_counter(family, values, LabelSource::Dynamic)
                .increment();
        }
    }

    fn pinned<S: Interned>(
        &'static self,
        table: &InternTable<S>,
        family: FamilyId,
        values: &[SharedString],
        source: LabelSource,
    ) -> &'static S {
        let hash = hash_labels(family, values);
        let pinned = table.pinned(family, values, hash).or_else(|| {
            let found = self.admit(table, family, values, source, true);
            found.pinned
        });
        pinned.unwrap_or_else(|| unreachable!("`admit` returns a pinned series if `pin` is set"))
    }

    fn evictable<S: Interned>(
        &'static self,
        table: &InternTable<S>,
        family: FamilyId,
        values: &[SharedString],
        hash: u64,
    ) -> Arc<S> {
        table
            .with(family, values, hash, Arc::clone)
            .unwrap_or_else(|| {
                self.admit(table, family, values, LabelSource::Dynamic, false)
                    .series
            })
    }

    /// Admits labels and returns their series. Above the cardinality limit, that is the overflow
    /// series.
    fn admit<S: Interned>(
        &'static self,
        table: &InternTable<S>,
        family: FamilyId,
        values: &[SharedString],
        source: LabelSource,
        pin: bool,
    ) -> Found<S> {
        let _guard = reentrancy::suppress();
        let mut values: Vec<_> = values.iter().cloned().map(share).collect();
        let limiter = &self.config.limiter;
        let name = family.family().name;
        let admitted = limiter.admit(name, &mut values, source);
        let make = |hash| S::new(family, &values, hash, &self.config);
        let found = table.get_or_insert(family, &values, pin, make);
        if !admitted {
            limiter.count_overflow(name);
        } else if !found.added {
            limiter.release(name, &values);
        }
        found
    }
}
