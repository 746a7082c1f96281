//! All histograms of the process: this crate's and those of others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use metrics::{Key, Label, SharedString};
use metrics_exporter_prometheus::LabelSet;
use metrics_exporter_prometheus::formatting::write_metric_line;

use crate::catalog;
use crate::exposition::{self, Exposition};
use crate::histogram::{Bounds, Histogram};

/// Which bounds a histogram's buckets have.
#[derive(Clone, Debug)]
pub(crate) struct BucketRules {
    /// By name.
    pub(crate) named: HashMap<String, Bounds>,
    /// For all others.
    pub(crate) default: Bounds,
}

#[derive(Debug)]
pub(super) struct Histograms {
    rules: BucketRules,
    global_labels: Vec<(String, String)>,
    idle_timeout: Option<Duration>,
    families: Mutex<HashMap<String, Family>>,
}

#[derive(Debug, Default)]
struct Family {
    help: Option<SharedString>,
    series: HashMap<Key, Series>,
}

#[derive(Debug)]
struct Series {
    histogram: Arc<Histogram>,
    count: u64,
    changed: Instant,
}

impl Histograms {
    pub(super) fn new(
        rules: BucketRules,
        global_labels: Vec<(String, String)>,
        idle_timeout: Option<Duration>,
    ) -> Self {
        Self {
            rules,
            global_labels,
            idle_timeout,
            families: Mutex::default(),
        }
    }

    pub(super) fn bounds(&self, name: &str) -> Bounds {
        self.rules
            .named
            .get(name)
            .unwrap_or(&self.rules.default)
            .clone()
    }

    pub(super) fn describe(&self, name: &str, help: SharedString) {
        let mut families = self.families();
        families
            .entry(name.to_owned())
            .or_default()
            .help
            .get_or_insert(help);
    }

    /// The histogram with this key, made if it is not there yet.
    pub(super) fn get(&self, key: Key) -> Arc<Histogram> {
        let mut families = self.families();
        let family = families.entry(key.name().to_owned()).or_default();
        let bounds = || self.bounds(key.name());
        if let Some(series) = family.series.get(&key) {
            return Arc::clone(&series.histogram);
        }
        let histogram = Arc::new(Histogram::new(bounds()));
        let series = Series {
            histogram: Arc::clone(&histogram),
            count: 0,
            changed: Instant::now(),
        };
        family.series.insert(key, series);
        histogram
    }

    /// Adds every series to the exposition and drops those that were idle too long.
    pub(super) fn render(&self, exposition: &mut Exposition<'_>) {
        let mut families = self.families();
        for (name, family) in families.iter_mut() {
            if let Some(idle) = self.idle_timeout {
                family.series.retain(|_, series| !series.is_idle(idle));
            }
            if family.series.is_empty() {
                continue;
            }
            let mut lines: Vec<String> = family
                .series
                .iter()
                .map(|(key, series)| self.lines(key, series))
                .collect();
            lines.sort_unstable();
            exposition.add(
                name.clone(),
                family.help.as_deref(),
                catalog::Kind::Histogram,
                lines,
            );
        }
    }

    /// The native histograms of all series that have one.
    #[cfg(feature = "protobuf")]
    pub(super) fn natives(&self) -> crate::exposition::Natives {
        let families = self.families();
        let series = families.values().flat_map(|family| &family.series);
        let natives = series.filter_map(|(key, series)| {
            let native = series.histogram.snapshot().native;
            if native.is_empty() {
                return None;
            }
            // As it is printed, by which it is found again.
            let lines = self.lines(key, series);
            let count = exposition::samples(&lines).last()?;
            let labels = count.labels.iter();
            let labels = labels.map(|(name, value)| ((*name).to_owned(), value.clone()));
            Some(((key.name().to_owned(), labels.collect()), native))
        });
        natives.collect()
    }

    fn lines(&self, key: &Key, series: &Series) -> String {
        let globals = self.global_labels.iter().filter(|(global, _)| {
            // A series' own label takes precedence.
            !key.labels().any(|label| label.key() == global)
        });
        let labels: Vec<Label> = globals
            .map(Label::from)
            .chain(key.labels().cloned())
            .collect();
        let name = key.name();
        let key = Key::from_parts(key.name().to_owned(), labels);
        let labels = LabelSet::from_key_and_global(&key, &IndexMap::new());

        let snapshot = series.histogram.snapshot();
        let mut text = String::new();
        let mut cumulative = 0;
        for (bound, count) in series
            .histogram
            .bounds()
            .as_slice()
            .iter()
            .zip(&snapshot.counts)
        {
            cumulative += count;
            let le = Some(("le", exposition::bound(*bound)));
            write_metric_line(
                &mut text,
                name,
                Some("bucket"),
                &labels,
                le,
                cumulative,
                None,
            );
        }
        let le = Some(("le", "+Inf"));
        let count = snapshot.count();
        write_metric_line(&mut text, name, Some("bucket"), &labels, le, count, None);
        let none = None::<(_, &str)>;
        write_metric_line(
            &mut text,
            name,
            Some("sum"),
            &labels,
            none,
            snapshot.sum,
            None,
        );
        write_metric_line(&mut text, name, Some("count"), &labels, none, count, None);
        text
    }

    fn families(&self) -> MutexGuard<'_, HashMap<String, Family>> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Series {
    fn is_idle(&mut self, idle: Duration) -> bool {
        let count = self.histogram.snapshot().count();
        if count != self.count {
            self.count = count;
            self.changed = Instant::now();
        }
        self.changed.elapsed() > idle
    }
}
