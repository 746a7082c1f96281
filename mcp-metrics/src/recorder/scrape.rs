//! A scrape: keeps the order of the series, and reads every source once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use metrics::{Label, SharedString, Unit};

use super::counters::CounterIndex;
use super::exporter_storage::{ExporterValue, SeriesId};
use super::facade::Facade;
use super::idle::IdleSince;
use super::request_readings::RequestReadings;
use super::requests::RequestIndex;
use super::series::{Handle, Series};
use super::snapshot::Snapshot;
use crate::catalog::{self, FamilyId, Kind, Namespace};
use crate::instrument::GlobalRegistry;
use crate::storage::histogram::Bounds;

/// State that is kept between scrapes: the order of the series.
#[derive(Debug)]
pub(super) struct ScrapeState {
    namespace: Namespace,
    /// The global labels of all series.
    globals: Vec<Label>,
    /// The bounds of request durations.
    pub(super) bounds: Bounds,
    idle_timeout: Option<Duration>,
    /// The series in shards, if this is the installed recorder.
    pub(super) registry: Option<&'static GlobalRegistry>,
    /// The generations of the sources at the last update of the indexes.
    generations: [usize; 3],
    pub(super) families: Vec<FamilyEntry>,
    /// The facade's series in the order of the families, then in label order.
    pub(super) facade: Vec<Arc<Series>>,
    positions: HashMap<SeriesId, usize>,
    pub(super) counters: CounterIndex,
    pub(super) requests: RequestIndex,
}

/// A family, and the ranges of its series.
#[derive(Debug)]
pub(super) struct FamilyEntry {
    /// The exported name.
    pub(super) name: Cow<'static, str>,
    /// The name in the catalogue; of other families, `name`.
    pub(super) catalogue_name: Cow<'static, str>,
    pub(super) kind: Kind,
    pub(super) help: Option<SharedString>,
    pub(super) unit: Option<Unit>,
    /// The family's id, if it is one of the hub's. Such a family is exported even without series,
    /// so that its metadata is always present.
    pub(super) id: Option<FamilyId>,
    pub(super) facade: Range<usize>,
    pub(super) counters: Range<usize>,
}

/// The values of all series in one snapshot.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// In the order of the index; `None` for series that are not exported.
    pub(super) facade: Vec<Option<Value>>,
    /// The buckets of the facade's histograms, concatenated.
    pub(super) buckets: Vec<u64>,
    pub(super) counters: Vec<Option<u64>>,
    pub(super) requests: RequestReadings,
}

/// The value of a series of the facade.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Counter(u64),
    FloatCounter(f64),
    Gauge(f64),
    Histogram { buckets: Range<usize>, sum: f64 },
}

impl ScrapeState {
    pub(super) fn new(
        namespace: Namespace,
        globals: Vec<Label>,
        bounds: Bounds,
        idle_timeout: Option<Duration>,
    ) -> Self {
        Self {
            namespace,
            globals,
            bounds,
            idle_timeout,
            registry: None,
            generations: [0; 3],
            families: Vec::new(),
            facade: Vec::new(),
            positions: HashMap::new(),
            counters: CounterIndex::default(),
            requests: RequestIndex::default(),
        }
    }

    /// Reads every source.
    pub(super) fn read(&mut self, facade: &Facade) -> Readings {
        self.update(facade);
        let mut readings = Readings {
            facade: vec![None; self.facade.len()],
            ..Readings::default()
        };
        for series in &self.facade {
            if let Handle::EvictableCounter(counter) = &series.handle {
                counter.keep();
            }
        }
        facade.exporter().read(|id, value| {
            if let Some(position) = self.positions.get(&id) {
                let series = &self.facade[*position];
                readings.facade[*position] = match (value, &series.handle) {
                    (ExporterValue::Counter(value), _) => Some(Value::Counter(value)),
                    (ExporterValue::Gauge(value), Handle::FloatCounter(_)) => {
                        (!value.is_nan()).then_some(Value::FloatCounter(value))
                    }
                    (ExporterValue::Gauge(value), _) if series.is_cleared(value) => None,
                    (ExporterValue::Gauge(value), _) => Some(Value::Gauge(value)),
                };
            }
        });
        for (series, value) in self.facade.iter().zip(&mut readings.facade) {
            if let Handle::Histogram(histogram) = &series.handle {
                let start = readings.buckets.len();
                let sum = histogram.snapshot_into(&mut readings.buckets);
                let buckets = start..readings.buckets.len();
                *value = Some(Value::Histogram { buckets, sum });
            }
        }
        if let Some(timeout) = self.idle_timeout {
            self.evict_idle_of_facade(facade, &mut readings, timeout);
        }
        if self.registry.is_some() {
            readings.counters = self.counters.read(self.idle_timeout);
            readings.requests = self.requests.read(self.idle_timeout);
        }
        readings
    }

    /// Returns the readings as a snapshot for an encoder.
    pub(super) fn snapshot<'a>(&'a self, readings: &'a Readings) -> Snapshot<'a> {
        Snapshot {
            state: self,
            readings,
        }
    }

    /// Evicts series in shards that the last snapshot omitted as idle.
    pub(super) fn evict_idle(&self) {
        if let (Some(registry), Some(timeout)) = (self.registry, self.idle_timeout) {
            self.requests.evict_idle(registry, timeout);
            self.counters.evict_idle(registry, timeout);
        }
    }

    /// Evicts series of the facade that are idle and of which the program holds no handle.
    fn evict_idle_of_facade(&self, facade: &Facade, readings: &mut Readings, timeout: Duration) {
        for (series, value) in self.facade.iter().zip(&mut readings.facade) {
            let updates = match value {
                Some(Value::Counter(count)) if !series.is_permanent() => *count,
                Some(Value::Histogram { buckets, .. }) => {
                    readings.buckets[buckets.clone()].iter().sum()
                }
                _ => continue,
            };
            let is_idle = IdleSince::is_idle(&mut series.idle(), updates, timeout);
            if is_idle && facade.evict(series) {
                *value = None;
            }
        }
    }

    /// Brings the indexes up to date.
    fn update(&mut self, facade: &Facade) {
        let generations = [
            facade.generation(),
            self.registry.map_or(0, |it| it.requests().generation()),
            self.registry.map_or(0, |it| it.counters().generation()),
        ];
        let [facade_changed, requests_changed, counters_changed] =
            [0, 1, 2].map(|index| generations[index] != self.generations[index]);
        if let Some(registry) = self.registry {
            if requests_changed {
                self.requests.update(registry, &self.globals);
            }
            if counters_changed {
                self.counters.update(registry, &self.globals);
            }
        }
        if facade_changed || counters_changed {
            self.update_families(facade);
        }
        self.generations = generations;
    }

    fn update_families(&mut self, facade: &Facade) {
        let mut families = facade.families();
        families.retain(|family| !family.series.is_empty());
        let hub = catalog::FAMILIES.iter().map(|family| {
            let exported = self.namespace.exported_name(family.name);
            (exported, Cow::Borrowed(family.name))
        });
        // By exported name, in which order the families are exported.
        let mut names: Vec<(Cow<'static, str>, Cow<'static, str>)> = hub.collect();
        names.extend(families.iter().map(|family| {
            let exported = self.namespace.exported_name(&family.name);
            (exported.into_owned().into(), family.name.clone().into())
        }));
        names.sort_unstable();
        names.dedup();
        let mut families: HashMap<_, _> = families
            .into_iter()
            .map(|family| (family.name.clone(), family))
            .collect();
        self.facade.clear();
        self.families.clear();
        for (name, catalogue_name) in names {
            let start = self.facade.len();
            let mut help = None;
            if let Some(mut family) = families.remove(&*catalogue_name) {
                family.series.sort_unstable_by(|a, b| a.text.cmp(&b.text));
                self.facade.append(&mut family.series);
                help = family.help;
            }
            let known = catalog::family(&catalogue_name);
            let id = known.and_then(FamilyId::find);
            let Some(kind) = known
                .map(|family| family.kind)
                .or_else(|| Some(self.facade.get(start)?.kind()))
            else {
                continue;
            };
            self.families.push(FamilyEntry {
                kind,
                help: known.map_or(help, |family| Some(family.help.into())),
                unit: known.and_then(|family| family.unit),
                id,
                facade: start..self.facade.len(),
                counters: id.map_or(0..0, |id| self.counters.family(id)),
                name,
                catalogue_name,
            });
        }
        let positions = self.facade.iter().enumerate();
        self.positions = positions
            .map(|(index, series)| (series.id, index))
            .collect();
    }
}
