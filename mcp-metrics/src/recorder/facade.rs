//! Series that were registered through the `metrics` facade.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::{Counter, Gauge, Key, Label, SharedString};

use super::BucketRules;
use super::exporter_storage::{ExporterStorage, SeriesId};
use super::facade_state::{FacadeState, FamilySeries};
use super::handles::HandleCache;
use super::labels::{family_name, globals_beside, own_labels};
use super::series::{EvictableCounter, Handle, Series};
use crate::catalog::{self, Kind, Namespace};
use crate::snapshot::render_labels;
use crate::storage::histogram::Histogram;
use crate::storage::{CardinalityLimiter, LabelSource};

/// The number of keys that are cached per series. Programs rarely use more label orders and name
/// spellings for one series; further keys are looked up by their labels.
const MAX_CACHED_KEYS: usize = 16;

/// The number of keys of rejected series that are cached. Further ones are checked each time.
const MAX_REJECTED_KEYS: usize = 1_000;

/// All series that were registered through the facade.
#[derive(Debug)]
pub(super) struct Facade {
    namespace: Namespace,
    exporter: ExporterStorage,
    buckets: BucketRules,
    limiter: Arc<CardinalityLimiter>,
    globals: Vec<Label>,
    /// Whether counters and histograms are evicted when they are idle.
    evicts: bool,
    pub(super) counters: HandleCache<Counter>,
    pub(super) gauges: HandleCache<Gauge>,
    pub(super) histograms: HandleCache<metrics::Histogram>,
    state: Mutex<FacadeState>,
}

impl Facade {
    pub(super) fn new(
        namespace: Namespace,
        buckets: BucketRules,
        limiter: Arc<CardinalityLimiter>,
        globals: Vec<Label>,
        evicts: bool,
    ) -> Self {
        Self {
            exporter: ExporterStorage::new(evicts),
            buckets,
            limiter,
            globals,
            evicts,
            counters: HandleCache::new(),
            gauges: HandleCache::new(),
            histograms: HandleCache::new(),
            state: Mutex::new(FacadeState::new(&namespace)),
            namespace,
        }
    }

    pub(super) fn exporter(&self) -> &ExporterStorage {
        &self.exporter
    }

    /// Sets the help text of a family. A later text replaces an earlier one. Families of the
    /// catalogue keep their text.
    pub(super) fn describe(&self, name: &str, help: SharedString) {
        let name = self.catalogue_name(name);
        if catalog::family(&name).is_none() {
            self.state().describe(name.into_owned(), help);
        }
    }

    #[cold]
    pub(super) fn register_counter(&self, key: &Key, source: LabelSource) -> Counter {
        let counter = self.register(key, Kind::Counter, source, Series::counter);
        counter.unwrap_or_else(Counter::noop)
    }

    #[cold]
    pub(super) fn register_gauge(&self, key: &Key) -> Gauge {
        let gauge = self.register(key, Kind::Gauge, LabelSource::Dynamic, Series::gauge);
        gauge.unwrap_or_else(Gauge::noop)
    }

    #[cold]
    pub(super) fn register_histogram(&self, key: &Key) -> metrics::Histogram {
        let dynamic = LabelSource::Dynamic;
        let histogram = self.register(key, Kind::Histogram, dynamic, Series::histogram);
        histogram.unwrap_or_else(metrics::Histogram::noop)
    }

    /// Returns a handle of the series of a key that is not cached, and caches it. Returns `None` if
    /// the series is not exported.
    fn register<H>(
        &self,
        key: &Key,
        kind: Kind,
        source: LabelSource,
        handle: impl FnOnce(&Series) -> H,
    ) -> Option<H> {
        let name = self.catalogue_name(key.name());
        let own = own_labels(key, &name, kind);
        let mut state = self.state();
        // Logged without the lock: a subscriber may record metrics of its own.
        if let Err(rejection) = state.check(&name, kind, &own) {
            let is_first = state.names.is_first_rejection(&name);
            state.rejected_keys += 1;
            let is_cached = state.rejected_keys <= MAX_REJECTED_KEYS;
            drop(state);
            if is_cached {
                self.cache_rejected(key, kind);
            }
            if is_first {
                rejection.log(&self.namespace.exported_name(&name), kind);
            }
            return None;
        }
        let recorded = self.namespace.catalogue_name(key.name().to_owned());
        let overwritten = state.overwritten_gauge(&name, &recorded, kind);
        let (series, overflowed) = self.find_or_add(&mut state, &name, kind, &own, source);
        if !overflowed {
            self.cache(&series, key);
        }
        // Taken under the lock: an eviction counts handles, and would evict a series without any.
        let handle = handle(&series);
        drop(state);
        if overflowed {
            self.limiter.count_overflow(&name);
        }
        if let Some(other) = overwritten {
            tracing::warn!(
                family = &*self.namespace.exported_name(&name),
                name = key.name(),
                other,
                "two gauges are exported under one name and overwrite each other; rename one of \
                 them",
            );
        }
        Some(handle)
    }

    /// Returns the series with these labels or, above the cardinality limit, its overflow series.
    /// Also returns whether it is the overflow series.
    fn find_or_add(
        &self,
        state: &mut FacadeState,
        name: &str,
        kind: Kind,
        own: &[Label],
        source: LabelSource,
    ) -> (Arc<Series>, bool) {
        let labels = self.with_globals(own);
        let text = render(&labels);
        if let Some(series) = state.find(name, &text) {
            return (series, false);
        }
        let mut admitted = values(own);
        let slot = self.limiter.admit(name, &mut admitted, source);
        let slot = slot.then_some(own.len());
        if admitted == values(own) {
            let series = self.new_series(state.next_id(), name, kind, labels, text, slot);
            return (state.add(series), false);
        }
        let own = own.iter().zip(&admitted);
        let own = own.map(|(label, value)| Label::new(label.key().to_owned(), value.clone()));
        let labels = self.with_globals(&own.collect::<Vec<_>>());
        let text = render(&labels);
        if let Some(series) = state.find(name, &text) {
            if slot.is_some() {
                self.limiter.release(name, &admitted);
            }
            return (series, true);
        }
        let series = self.new_series(state.next_id(), name, kind, labels, text, slot);
        (state.add(series), true)
    }

    fn new_series(
        &self,
        id: SeriesId,
        name: &str,
        kind: Kind,
        labels: Vec<Label>,
        text: String,
        slot: Option<usize>,
    ) -> Series {
        let handle = match kind {
            Kind::Counter if self.evicts => {
                Handle::EvictableCounter(EvictableCounter::new(self.exporter.counter(id)))
            }
            Kind::Counter => Handle::Counter(self.exporter.counter(id)),
            Kind::Gauge => Handle::Gauge(self.exporter.gauge(id)),
            Kind::Histogram => {
                let bounds = self.buckets.bounds(name).clone();
                Handle::Histogram(Arc::new(Histogram::new(bounds)))
            }
        };
        Series::new(id, name, labels, text, slot, handle)
    }

    /// Returns the name of a family in the catalogue, or its exported name if the catalogue does not
    /// have it.
    fn catalogue_name(&self, recorded: &str) -> Cow<'static, str> {
        self.namespace.catalogue_name(family_name(recorded))
    }

    /// Caches the handle of a series under a key.
    fn cache(&self, series: &Series, key: &Key) {
        let mut keys = series.cached_keys();
        if keys.len() < MAX_CACHED_KEYS && !keys.contains(key) {
            keys.push(key.clone());
            self.cache_handle(series, key);
        }
    }

    /// Caches that recordings under a key are dropped.
    fn cache_rejected(&self, key: &Key, kind: Kind) {
        let key = key.clone();
        match kind {
            Kind::Counter => self.counters.insert(key, Counter::noop()),
            Kind::Gauge => self.gauges.insert(key, Gauge::noop()),
            Kind::Histogram => self.histograms.insert(key, metrics::Histogram::noop()),
        }
    }

    fn cache_handle(&self, series: &Series, key: &Key) {
        let key = key.clone();
        match series.kind() {
            Kind::Counter => self.counters.insert(key, series.counter()),
            Kind::Gauge => self.gauges.insert(key, series.gauge()),
            Kind::Histogram => self.histograms.insert(key, series.histogram()),
        }
    }

    /// Evicts a series and frees its slot in the cardinality limit, unless the program holds a
    /// handle. Returns whether the series was evicted.
    pub(super) fn evict(&self, series: &Series) -> bool {
        // While this is locked, a key that is not cached cannot be registered.
        let mut state = self.state();
        let keys = series.cached_keys();
        if series.handles() > keys.len() {
            return false;
        }
        for key in &*keys {
            match series.kind() {
                Kind::Counter => self.counters.remove(key),
                Kind::Gauge => self.gauges.remove(key),
                Kind::Histogram => self.histograms.remove(key),
            }
        }
        if series.handles() > 0 {
            // The program took a handle from the cache before the handle was removed there.
            keys.iter().for_each(|key| self.cache_handle(series, key));
            return false;
        }
        if let Some(own) = series.slot {
            let own = &series.labels[series.labels.len() - own..];
            self.limiter.release(&series.family, &values(own));
        }
        state.remove(series);
        true
    }

    /// Returns each family's name, help text and series.
    pub(super) fn families(&self) -> Vec<FamilySeries> {
        self.state().families()
    }

    /// Returns a number that changes when a series is added or evicted, or a family described.
    pub(super) fn generation(&self) -> usize {
        self.state().generation
    }

    /// Returns the labels of a series: the global labels that it does not override, then its own.
    pub(super) fn with_globals(&self, own: &[Label]) -> Vec<Label> {
        let is_own = |name: &str| own.iter().any(|label| label.key() == name);
        let mut labels = globals_beside(&self.globals, is_own);
        labels.extend_from_slice(own);
        labels
    }

    pub(super) fn state(&self) -> MutexGuard<'_, FacadeState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn render(labels: &[Label]) -> String {
    render_labels(labels.iter().map(|label| (label.key(), label.value())))
}

fn values(labels: &[Label]) -> Vec<SharedString> {
    let values = labels.iter().map(|label| label.clone().into_parts().1);
    values.collect()
}
