//! The recorder: metrics-exporter-prometheus for counters and gauges, with a layer over it that
//! keeps histograms, limits series and adds what the call sites have counted.

mod histograms;
mod keys;
mod print;
mod requests;
mod series;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_util::MetricKindMask;

use crate::catalog::{self, Kind};
use crate::exposition::Exposition;
#[cfg(feature = "protobuf")]
use crate::exposition::Natives;
use crate::limit::SeriesLimit;
use crate::reentry;
use crate::site::METADATA;

pub(crate) use histograms::BucketRules;
use histograms::Histograms;
use requests::Requests;

/// The recorder behind an [`Exporter`](crate::Exporter).
///
/// [`ExporterBuilder::build`](crate::ExporterBuilder::build) returns it, for composing with other
/// recorders (a `Fanout` of `metrics-util`, say) before making it global. Clones record into the
/// same metrics.
#[derive(Clone, Debug)]
pub struct MetricsRecorder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    prometheus: PrometheusRecorder,
    handle: PrometheusHandle,
    histograms: Histograms,
    limit: Arc<SeriesLimit>,
    /// Labels of all series.
    globals: Vec<Label>,
    requests: Mutex<Requests>,
    idle_timeout: Option<Duration>,
}

/// What a recorder is made of.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) buckets: BucketRules,
    pub(crate) global_labels: Vec<(String, String)>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) label_limit: usize,
}

impl MetricsRecorder {
    pub(crate) fn new(settings: Settings) -> Self {
        let globals = keys::global_labels(settings.global_labels);
        let prometheus = PrometheusBuilder::new()
            // Gauges stay: an active operation is not idle, however long it takes.
            .idle_timeout(MetricKindMask::COUNTER, settings.idle_timeout)
            .build_recorder();
        let recorder = Self {
            inner: Arc::new(Inner {
                handle: prometheus.handle(),
                prometheus,
                histograms: Histograms::new(settings.buckets, settings.idle_timeout),
                limit: Arc::new(SeriesLimit::new(
                    settings.label_limit,
                    settings.idle_timeout,
                )),
                requests: Mutex::new(Requests::new(globals.clone())),
                globals,
                idle_timeout: settings.idle_timeout,
            }),
        };
        recorder.describe_catalogue();
        recorder
    }

    /// Sends the requests of call sites to this recorder's cells. It must be the global one, at
    /// this address.
    pub(crate) fn open_fast_path(&self, address: usize) {
        let bounds = self.inner.histograms.bounds(catalog::REQUEST_DURATION);
        crate::site::install(address, bounds, Arc::clone(&self.inner.limit));
        if let Some(installed) = crate::site::fast_path() {
            installed.make_all_cells();
        }
        self.requests().own_sites();
    }

    /// Sets a gauge of ours, whichever recorder is current.
    pub(crate) fn set_gauge(&self, name: &'static str, value: f64) {
        self.register_gauge(&Key::from_static_name(name), &METADATA)
            .set(value);
    }

    /// Sets a gauge of ours with labels.
    pub(crate) fn set_labelled_gauge(&self, name: &'static str, labels: Vec<Label>, value: f64) {
        self.register_gauge(&Key::from_parts(name, labels), &METADATA)
            .set(value);
    }

    /// Adds to a counter of ours with labels.
    pub(crate) fn add_to_counter(&self, name: &'static str, labels: Vec<Label>, by: u64) {
        self.register_counter(&Key::from_parts(name, labels), &METADATA)
            .increment(by);
    }

    /// Everything that was recorded so far, in the text format, sorted.
    #[cfg(feature = "testing")]
    pub(crate) fn render(&self) -> String {
        self.expose(crate::exposition::text)
    }

    /// Tells everything that was recorded so far, in a format of the caller's.
    pub(crate) fn expose<T>(&self, tell: impl FnOnce(&Exposition<'_>) -> T) -> T {
        let _busy = reentry::enter();
        let inner = &*self.inner;
        for (family, count) in inner.limit.take_overflowed() {
            let labels = [("family".to_owned(), family.into())].into_iter();
            let key = keys::exported(catalog::OVERFLOWED.to_owned(), labels, &inner.globals);
            inner
                .prometheus
                .register_counter(&key, &METADATA)
                .increment(count);
        }
        // A counter without labels is always there, idle or not.
        let searches = Key::from_static_name(catalog::SEARCH_CALLS);
        self.register_counter(&searches, &METADATA).increment(0);
        let text = inner.handle.render();
        let mut requests = self.requests();
        let readings = requests.read(&inner.histograms, inner.idle_timeout);
        let series = readings.map(|it| requests.series(it, &inner.histograms));
        let mut exposition = Exposition::parse(&text);
        exposition.sort_series();
        inner
            .histograms
            .render(&mut exposition, requests.durations());
        if let Some(series) = &series {
            series.add_to(&mut exposition);
        }
        for family in &catalog::FAMILIES {
            exposition.declare(family);
        }
        #[cfg(feature = "protobuf")]
        exposition.set_natives(|| natives(&inner.histograms, &requests));
        let told = tell(&exposition);
        drop(exposition);
        drop(series);
        requests.forget_idle(inner.idle_timeout);
        told
    }

    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.inner
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn describe_catalogue(&self) {
        for family in catalog::FAMILIES.iter().chain(&catalog::OWN_FAMILIES) {
            self.inner.limit.kind_agrees(family.name, family.kind);
            let (name, help) = (KeyName::from_const_str(family.name), family.help.into());
            match family.kind {
                Kind::Counter => self.describe_counter(name, family.unit, help),
                Kind::Gauge => self.describe_gauge(name, family.unit, help),
                Kind::Histogram => self.describe_histogram(name, family.unit, help),
            }
        }
    }
}

/// What the native histograms hold.
#[cfg(feature = "protobuf")]
fn natives(histograms: &Histograms, requests: &Requests) -> Natives {
    let mut natives = Natives::new();
    let mut add = |name: &str, labels: &str, cells: Vec<u64>| {
        if cells.is_empty() {
            return;
        }
        let series = (name.to_owned(), crate::exposition::labels(labels));
        let sums = natives
            .entry(series)
            .or_insert_with(|| vec![0; cells.len()]);
        for (sum, more) in sums.iter_mut().zip(cells) {
            *sum += more;
        }
    };
    for (name, labels, cells) in histograms.natives() {
        add(&name, &labels, cells);
    }
    for (labels, cells) in requests.natives() {
        add(catalog::REQUEST_DURATION, labels, cells);
    }
    natives
}

impl Inner {
    /// The key under which `key` is exported, or none if its name belongs to another kind.
    fn admit(&self, key: &Key, kind: Kind) -> Option<Key> {
        let name = keys::name(key);
        if !self.limit.kind_agrees(&name, kind) {
            return None;
        }
        let (names, mut values) = keys::labels(key, &name, kind);
        self.limit.series(&name, &mut values);
        let labels = names.into_iter().zip(values);
        Some(keys::exported(name, labels, &self.globals))
    }
}

impl Recorder for MetricsRecorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        let _busy = reentry::enter();
        self.inner
            .prometheus
            .describe_counter(name, unit, description);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        let _busy = reentry::enter();
        self.inner
            .prometheus
            .describe_gauge(name, unit, description);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, description: SharedString) {
        let _busy = reentry::enter();
        self.inner.histograms.describe(name.as_str(), description);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        let _busy = reentry::enter();
        self.inner
            .admit(key, Kind::Counter)
            .map_or_else(Counter::noop, |key| {
                self.inner.prometheus.register_counter(&key, metadata)
            })
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        let _busy = reentry::enter();
        self.inner
            .admit(key, Kind::Gauge)
            .map_or_else(Gauge::noop, |key| {
                self.inner.prometheus.register_gauge(&key, metadata)
            })
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let _busy = reentry::enter();
        self.inner
            .admit(key, Kind::Histogram)
            .map_or_else(Histogram::noop, |key| self.inner.histograms.get(key).into())
    }
}
