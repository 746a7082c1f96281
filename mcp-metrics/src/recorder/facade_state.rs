//! The series that were registered through the facade, by family and labels.

use std::collections::HashMap;
use std::sync::Arc;

use metrics::{Label, SharedString};

use super::exporter_storage::SeriesId;
use super::names::{NameRegistry, Rejection};
use super::series::Series;
use crate::catalog::{self, Kind, Namespace};

/// State that changes when a series is registered for the first time.
#[derive(Debug)]
pub(super) struct FacadeState {
    namespace: Namespace,
    pub(super) names: NameRegistry,
    /// Families by their names in the catalogue; others by their exported names.
    families: HashMap<String, Family>,
    next_id: SeriesId,
    /// The number of registrations of rejected series.
    pub(super) rejected_keys: usize,
    /// Changes when a series is added or evicted, or a family described.
    pub(super) generation: usize,
}

#[derive(Debug, Default)]
struct Family {
    help: Option<SharedString>,
    /// The name that the first series was registered under.
    raw_name: Option<String>,
    /// Series by their rendered labels.
    series: HashMap<Arc<str>, Arc<Series>>,
}

/// The series of a family, unsorted.
#[derive(Debug)]
pub(super) struct FamilySeries {
    /// The name in the catalogue, or the exported one of other families.
    pub(super) name: String,
    pub(super) help: Option<SharedString>,
    pub(super) series: Vec<Arc<Series>>,
}

impl FacadeState {
    pub(super) fn new(namespace: &Namespace) -> Self {
        Self {
            namespace: namespace.clone(),
            names: NameRegistry::new(namespace),
            families: HashMap::new(),
            next_id: 0,
            rejected_keys: 0,
            generation: 1,
        }
    }

    /// Sets the help text of a family.
    pub(super) fn describe(&mut self, name: String, help: SharedString) {
        self.families.entry(name).or_default().help = Some(help);
        self.generation += 1;
    }

    /// Returns each family's name, help text and series.
    pub(super) fn families(&self) -> Vec<FamilySeries> {
        let families = self.families.iter().map(|(name, family)| FamilySeries {
            name: name.clone(),
            help: family.help.clone(),
            series: family.series.values().cloned().collect(),
        });
        families.collect()
    }

    /// Checks that a family with this kind and these labels can be exported.
    pub(super) fn check(&mut self, name: &str, kind: Kind, own: &[Label]) -> Result<(), Rejection> {
        self.names
            .claim(&self.namespace.exported_name(name), kind)?;
        if let Some(family) = catalog::family(name) {
            // Labels are in the catalogue's order.
            let mut own = own.iter().map(Label::key).peekable();
            let mut expected = family.labels.iter();
            let complete = expected.all(|label| {
                own.next_if_eq(label).is_some() || family.optional_labels.contains(label)
            });
            if !complete || own.next().is_some() {
                return Err(Rejection::Labels(family.labels));
            }
        }
        Ok(())
    }

    /// Returns the other name of a gauge that is exported under the same name, the first time.
    pub(super) fn overwritten_gauge(
        &mut self,
        name: &str,
        raw_name: &str,
        kind: Kind,
    ) -> Option<String> {
        if kind != Kind::Gauge {
            return None;
        }
        let family = self.families.entry(name.to_owned()).or_default();
        let first = family.raw_name.get_or_insert_with(|| raw_name.to_owned());
        let other = (first != raw_name).then(|| first.clone());
        other.filter(|_| self.names.is_first_rejection(name))
    }

    pub(super) fn find(&self, name: &str, text: &str) -> Option<Arc<Series>> {
        self.families.get(name)?.series.get(text).cloned()
    }

    pub(super) fn next_id(&mut self) -> SeriesId {
        self.next_id += 1;
        self.next_id
    }

    pub(super) fn add(&mut self, series: Series) -> Arc<Series> {
        let series = Arc::new(series);
        let family = self.families.entry(series.family.to_string()).or_default();
        let text = Arc::clone(&series.text);
        family.series.insert(text, Arc::clone(&series));
        self.generation += 1;
        series
    }

    pub(super) fn remove(&mut self, series: &Series) {
        if let Some(family) = self.families.get_mut(&*series.family) {
            family.series.remove(&series.text);
        }
        self.generation += 1;
    }
}
