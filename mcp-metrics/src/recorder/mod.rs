//! The recorder: metrics-exporter-prometheus for foreign counters and gauges, this crate's
//! histograms, and the series that callsites record in shards.

mod counters;
mod exporter_storage;
mod facade;
mod facade_state;
mod float_counter;
mod handles;
mod idle;
mod labels;
mod names;
mod request_readings;
mod requests;
mod scrape;
mod series;
mod snapshot;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit,
};

use crate::catalog::{self, Namespace};
use crate::encode::{Dialect, Text};
use crate::instrument::{GlobalRegistry, METADATA};
use crate::reentrancy;
use crate::snapshot::Encoder;
use crate::storage::histogram::Bounds;
use crate::storage::{CardinalityLimiter, LabelSource};

use facade::Facade;
pub(crate) use labels::family_name;
use scrape::ScrapeState;
use series::CLEARED;

/// The recorder behind an [`Exporter`](crate::Exporter).
///
/// [`ExporterBuilder::build`](crate::ExporterBuilder::build) returns it, to be composed with other
/// recorders (for example in a `Fanout` of `metrics-util`) before it becomes global. Clones record
/// into the same metrics.
#[derive(Clone, Debug)]
pub struct MetricsRecorder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    namespace: Namespace,
    facade: Facade,
    limiter: Arc<CardinalityLimiter>,
    bounds: Bounds,
    evicts: bool,
    scrape: Mutex<ScrapeState>,
    /// The length of the last text, an estimate of the next one's.
    text_length: AtomicUsize,
}

/// The configuration of a recorder.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) namespace: Namespace,
    pub(crate) buckets: BucketRules,
    pub(crate) global_labels: Vec<(String, String)>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) label_limit: usize,
}

/// The bucket bounds of histograms. The first rule that applies is used.
#[derive(Clone, Debug)]
pub(crate) struct BucketRules {
    /// Bounds by name, in the catalogue if it has the family, as exported otherwise. Has all
    /// histograms of the catalogue, so that no other rule changes them.
    pub(crate) named: HashMap<String, Bounds>,
    /// Bounds by the beginning of the name. The first match is used.
    pub(crate) prefixes: Vec<(String, Bounds)>,
    /// Bounds by the end of the name. The first match is used.
    pub(crate) suffixes: Vec<(String, Bounds)>,
    /// The bounds of all other histograms.
    pub(crate) default: Bounds,
}

impl BucketRules {
    fn bounds(&self, name: &str) -> &Bounds {
        let by_prefix = || self.prefixes.iter().find(|(it, _)| name.starts_with(&**it));
        let by_suffix = || self.suffixes.iter().find(|(it, _)| name.ends_with(&**it));
        let by_part = || by_prefix().or_else(by_suffix).map(|(_, bounds)| bounds);
        let bounds = self.named.get(name).or_else(by_part);
        bounds.unwrap_or(&self.default)
    }
}

impl MetricsRecorder {
    pub(crate) fn new(settings: Settings) -> Self {
        let globals = labels::global_labels(settings.global_labels);
        let namespace = settings.namespace;
        let limiter = CardinalityLimiter::new(settings.label_limit, namespace.clone());
        let limiter = Arc::new(limiter);
        let bounds = settings.buckets.bounds(catalog::REQUEST_DURATION).clone();
        let evicts = settings.idle_timeout.is_some();
        let scrape = ScrapeState::new(
            namespace.clone(),
            globals.clone(),
            bounds.clone(),
            settings.idle_timeout,
        );
        Self {
            inner: Arc::new(Inner {
                facade: Facade::new(
                    namespace.clone(),
                    settings.buckets,
                    Arc::clone(&limiter),
                    globals,
                    evicts,
                ),
                namespace,
                limiter,
                bounds,
                evicts,
                scrape: Mutex::new(scrape),
                text_length: AtomicUsize::new(0),
            }),
        }
    }

    /// Records the crate's own families in shards and exports them from this recorder, which must
    /// be the global one and be located at `address`.
    pub(crate) fn open_fast_path(&self, address: usize) {
        let Inner {
            bounds, limiter, ..
        } = &*self.inner;
        let registry = GlobalRegistry::install(
            address,
            bounds.clone(),
            Arc::clone(limiter),
            self.inner.evicts,
        );
        self.scrape_state().registry = Some(registry);
    }

    /// Sets a gauge of the catalogue, independent of the current recorder.
    pub(crate) fn set_gauge(&self, name: &'static str, value: f64) {
        self.register_gauge(&Key::from_static_name(name), &METADATA)
            .set(value);
    }

    /// Sets a gauge that the exporter maintains, or omits it from snapshots if its value is unknown.
    pub(crate) fn set_or_clear_gauge(&self, name: &'static str, value: Option<f64>) {
        self.set_gauge(name, value.unwrap_or(CLEARED));
    }

    /// Sets a counter that the exporter maintains and that is not a whole number, or omits it from
    /// snapshots if its value is unknown. Does nothing if the program has registered a metric of
    /// this name.
    #[cfg_attr(
        not(feature = "process"),
        expect(dead_code, reason = "only the process metrics have such a counter")
    )]
    pub(crate) fn set_or_clear_float_counter(&self, name: &'static str, value: Option<f64>) {
        let _guard = reentrancy::suppress();
        if let Some(counter) = self.inner.facade.register_float_counter(name) {
            counter.set(value.unwrap_or(CLEARED));
        }
    }

    /// Sets a gauge of the catalogue with labels.
    pub(crate) fn set_labelled_gauge(&self, name: &'static str, labels: Vec<Label>, value: f64) {
        self.register_gauge(&Key::from_parts(name, labels), &METADATA)
            .set(value);
    }

    /// Adds to a counter of the catalogue, regardless of the cardinality limit.
    pub(crate) fn add_to_counter(&self, name: &'static str, labels: Vec<Label>, by: u64) {
        let _guard = reentrancy::suppress();
        let key = Key::from_parts(name, labels);
        let facade = &self.inner.facade;
        let counter = facade.counters.get(&key);
        counter
            .unwrap_or_else(|| facade.register_counter(&key, LabelSource::Static))
            .increment(by);
    }

    pub(crate) fn namespace(&self) -> &str {
        self.inner.namespace.as_str()
    }

    /// Returns the name under which a metric is exported.
    pub(crate) fn exported_name(&self, metric: &str) -> String {
        let name = family_name(metric);
        self.inner.namespace.exported_name(&name).into_owned()
    }

    /// Renders a snapshot in one of the text formats.
    pub(crate) fn render<D: Dialect>(&self) -> String {
        let length = self.inner.text_length.load(Ordering::Relaxed);
        let mut encoder = Text::<D>::with_capacity(length + length / 8);
        self.encode(&mut encoder);
        let text = encoder.finish();
        self.inner.text_length.store(text.len(), Ordering::Relaxed);
        text
    }

    /// Takes a snapshot and encodes it with `encoder`.
    pub(crate) fn encode(&self, encoder: &mut impl Encoder) {
        let _guard = reentrancy::suppress();
        let Inner {
            namespace,
            facade,
            limiter,
            ..
        } = &*self.inner;
        for (family, count) in limiter.drain_overflow_counts() {
            let family = namespace.exported_name(&family).into_owned();
            self.add_to_counter(
                catalog::OVERFLOWED,
                vec![Label::new("family", family)],
                count,
            );
        }
        let mut state = self.scrape_state();
        if state.registry.is_none() {
            // A counter without labels is always exported.
            self.add_to_counter(catalog::SEARCH_CALLS, Vec::new(), 0);
        }
        let readings = state.read(facade);
        state.snapshot(&readings).encode(encoder);
        state.evict_idle();
    }

    fn scrape_state(&self) -> std::sync::MutexGuard<'_, ScrapeState> {
        self.inner
            .scrape
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for MetricsRecorder {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, description: SharedString) {
        let _guard = reentrancy::suppress();
        self.inner.facade.describe(name.as_str(), description);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, description: SharedString) {
        let _guard = reentrancy::suppress();
        self.inner.facade.describe(name.as_str(), description);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, description: SharedString) {
        let _guard = reentrancy::suppress();
        self.inner.facade.describe(name.as_str(), description);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let facade = &self.inner.facade;
        facade.counters.get(key).unwrap_or_else(|| {
            let _guard = reentrancy::suppress();
            facade.register_counter(key, LabelSource::Dynamic)
        })
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let facade = &self.inner.facade;
        facade.gauges.get(key).unwrap_or_else(|| {
            let _guard = reentrancy::suppress();
            facade.register_gauge(key)
        })
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let facade = &self.inner.facade;
        facade.histograms.get(key).unwrap_or_else(|| {
            let _guard = reentrancy::suppress();
            facade.register_histogram(key)
        })
    }
}
