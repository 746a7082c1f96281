//! One series that was registered through the `metrics` facade.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::{Counter, CounterFn, Gauge, Key, Label};

use super::exporter_storage::SeriesId;
use super::idle::IdleSince;
use crate::catalog::{self, Kind};
use crate::snapshot::{Labels, Pairs};
use crate::storage::histogram::Histogram;

/// A series that was registered through the facade.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) id: SeriesId,
    pub(super) family: Arc<str>,
    pub(super) labels: Box<[Label]>,
    pub(super) text: Arc<str>,
    /// The number of the series' own labels, which are the last, if it has a slot in the
    /// cardinality limit.
    pub(super) slot: Option<usize>,
    pub(super) handle: Handle,
    /// The keys under which the series' handle is cached.
    cached_keys: Mutex<Vec<Key>>,
    idle: Mutex<Option<IdleSince>>,
}

/// The storage of a series' value.
#[derive(Debug)]
pub(super) enum Handle {
    Counter(Counter),
    /// A counter whose handles are counted, since it is evicted only if the program has none.
    EvictableCounter(Arc<EvictableCounter>),
    /// A counter of the exporter that is not a whole number.
    FloatCounter(Gauge),
    Gauge(Gauge),
    Histogram(Arc<Histogram>),
}

/// Stands for the unknown value of a gauge or a counter that the exporter maintains.
pub(super) const CLEARED: f64 = f64::NAN;

/// A counter of the exporter, to be held in an `Arc` of this crate, which counts its handles.
pub(super) struct EvictableCounter(Counter);

impl CounterFn for EvictableCounter {
    fn increment(&self, value: u64) {
        self.0.increment(value);
    }

    fn absolute(&self, value: u64) {
        self.0.absolute(value);
    }
}

impl std::fmt::Debug for EvictableCounter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EvictableCounter").finish_non_exhaustive()
    }
}

impl EvictableCounter {
    pub(super) fn new(counter: Counter) -> Arc<Self> {
        Arc::new(Self(counter))
    }

    /// Keeps the exporter from dropping the counter at its next read.
    pub(super) fn keep(&self) {
        self.0.increment(0);
    }
}

impl Series {
    /// Creates a series that is not idle and has no cached handle.
    pub(super) fn new(
        id: SeriesId,
        family: &str,
        labels: Vec<Label>,
        text: String,
        slot: Option<usize>,
        handle: Handle,
    ) -> Self {
        Self {
            id,
            family: family.into(),
            labels: labels.into(),
            text: text.into(),
            slot,
            handle,
            cached_keys: Mutex::default(),
            idle: Mutex::default(),
        }
    }

    pub(super) fn labels(&self) -> Labels<'_> {
        Labels {
            text: &self.text,
            pairs: Pairs::Registered(&self.labels),
            extra: None,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.handle {
            Handle::Counter(_) | Handle::EvictableCounter(_) | Handle::FloatCounter(_) => {
                Kind::Counter
            }
            Handle::Gauge(_) => Kind::Gauge,
            Handle::Histogram(_) => Kind::Histogram,
        }
    }

    /// Returns whether the series is exported regardless of how long it is idle: one of the
    /// catalogue without labels, or one about the exporter.
    pub(super) fn is_permanent(&self) -> bool {
        let is_exporters = |family: &catalog::Family| {
            let mut exporters = catalog::EXPORTER_FAMILIES.iter();
            exporters.any(|exporter| exporter.name == family.name)
        };
        catalog::family(&self.family)
            .is_some_and(|family| family.labels.is_empty() || is_exporters(family))
    }

    /// Returns whether a value means that the gauge is cleared. A gauge of the program may be NaN.
    pub(super) fn is_cleared(&self, value: f64) -> bool {
        value.is_nan() && catalog::is_maintained_gauge(&self.family)
    }

    /// Returns the number of handles besides the series' own.
    pub(super) fn handles(&self) -> usize {
        match &self.handle {
            Handle::EvictableCounter(counter) => Arc::strong_count(counter) - 1,
            Handle::Histogram(histogram) => Arc::strong_count(histogram) - 1,
            Handle::Counter(_) | Handle::FloatCounter(_) | Handle::Gauge(_) => usize::MAX,
        }
    }

    pub(super) fn counter(&self) -> Counter {
        match &self.handle {
            Handle::Counter(counter) => counter.clone(),
            Handle::EvictableCounter(counter) => Counter::from_arc(Arc::clone(counter)),
            _ => Counter::noop(),
        }
    }

    pub(super) fn gauge(&self) -> Gauge {
        match &self.handle {
            Handle::Gauge(gauge) => gauge.clone(),
            _ => Gauge::noop(),
        }
    }

    pub(super) fn histogram(&self) -> metrics::Histogram {
        match &self.handle {
            Handle::Histogram(histogram) => metrics::Histogram::from_arc(Arc::clone(histogram)),
            _ => metrics::Histogram::noop(),
        }
    }

    /// Locks the keys under which the series' handle is cached.
    pub(super) fn cached_keys(&self) -> MutexGuard<'_, Vec<Key>> {
        self.cached_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the idle state of the series.
    pub(super) fn idle(&self) -> MutexGuard<'_, Option<IdleSince>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
