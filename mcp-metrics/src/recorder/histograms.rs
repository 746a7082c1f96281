//! All histograms of the process: this crate's and those of others.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use metrics::{Key, SharedString};

use super::print;
use crate::catalog;
use crate::exposition::Exposition;
use crate::histogram::{Bounds, Histogram, Snapshot};

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
    pub(super) fn new(rules: BucketRules, idle_timeout: Option<Duration>) -> Self {
        Self {
            rules,
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

    /// Adds every series to the exposition, but for those of one family, and drops those that were
    /// idle too long.
    pub(super) fn render(&self, exposition: &mut Exposition<'_>, but: Option<&str>) {
        let mut families = self.families();
        for (name, family) in families
            .iter_mut()
            .filter(|(name, _)| Some(&***name) != but)
        {
            family.drop_idle(self.idle_timeout);
            if family.series.is_empty() {
                continue;
            }
            let printer = print::Histogram::new(name, self.bounds(name).as_slice());
            let mut lines: Vec<String> = family
                .series
                .iter()
                .map(|(key, series)| {
                    let (mut text, snapshot) = (String::new(), series.histogram.snapshot());
                    let labels = print::labels(key);
                    printer.print(&mut text, &labels, &snapshot.counts, snapshot.sum);
                    text
                })
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

    /// What the series of a family hold, by their labels as they are printed.
    pub(super) fn snapshots(&self, name: &str) -> BTreeMap<String, Snapshot> {
        let mut families = self.families();
        let Some(family) = families.get_mut(name) else {
            return BTreeMap::new();
        };
        family.drop_idle(self.idle_timeout);
        let series = family.series.iter();
        series
            .map(|(key, series)| (print::labels(key), series.histogram.snapshot()))
            .collect()
    }

    /// The cells of native histograms, by family and by labels as they are printed.
    #[cfg(feature = "protobuf")]
    pub(super) fn natives(&self) -> Vec<(String, String, Vec<u64>)> {
        let families = self.families();
        let series = families.values().flat_map(|family| &family.series);
        let natives = series.map(|(key, series)| {
            let labels = print::labels(key);
            (
                key.name().to_owned(),
                labels,
                series.histogram.snapshot().native,
            )
        });
        natives.collect()
    }

    fn families(&self) -> MutexGuard<'_, HashMap<String, Family>> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Family {
    /// Drops the series that were idle too long, if there is such a thing.
    fn drop_idle(&mut self, idle: Option<Duration>) {
        if let Some(idle) = idle {
            self.series.retain(|_, series| !series.is_idle(idle));
        }
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
