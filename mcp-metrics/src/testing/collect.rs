//! A snapshot that can be queried.

use std::collections::BTreeSet;
use std::fmt;

use crate::catalog::{self, Kind};
use crate::encode::write_float;
use crate::snapshot::{Descriptor, Encoder, HistogramSnapshot, Labels, render_labels};

/// Families and series, collected from a snapshot.
#[derive(Debug, Default)]
pub(super) struct Collected {
    families: Vec<Family>,
    series: Vec<Series>,
}

/// A family, which is found by both names.
#[derive(Debug)]
struct Family {
    name: String,
    /// The name in the catalogue; of other families, `name`.
    catalogue_name: String,
    kind: Kind,
}

impl Family {
    fn has_name(&self, name: &str) -> bool {
        self.name == name || self.catalogue_name == name
    }
}

/// One series with its value.
#[derive(Debug)]
pub(super) struct Series {
    /// The index of the family.
    family: usize,
    labels: Vec<(String, String)>,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Counter(u64),
    Gauge(f64),
    Histogram {
        bounds: Vec<f64>,
        counts: Vec<u64>,
        sum: f64,
    },
}

impl Collected {
    /// Returns the kind of a family that is exported.
    pub(super) fn kind(&self, family: &str) -> Option<Kind> {
        self.family(family).map(|family| family.kind)
    }

    /// Returns the name in the catalogue of a family that is exported.
    pub(super) fn catalogue_name(&self, family: &str) -> Option<&str> {
        self.family(family).map(|family| &*family.catalogue_name)
    }

    fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.has_name(name))
    }

    /// Returns the names of the families that have a series.
    pub(super) fn recorded(&self) -> impl Iterator<Item = &str> {
        let families = self.series.iter().map(|series| series.family);
        families.map(|family| &*self.families[family].name)
    }

    /// Returns the names of the labels of a family's series.
    pub(super) fn label_names(&self, family: &str) -> BTreeSet<&str> {
        let labels = self.select(family, &[]).flat_map(|series| &series.labels);
        labels.map(|(name, _)| &**name).collect()
    }

    /// Returns the series of a family that have at least these labels.
    pub(super) fn select(
        &self,
        family: &str,
        labels: &[(String, String)],
    ) -> impl Iterator<Item = &Series> {
        let has = |series: &&Series| labels.iter().all(|label| series.labels.contains(label));
        let is_family = move |series: &&Series| self.families[series.family].has_name(family);
        self.series.iter().filter(is_family).filter(has)
    }

    fn add(&mut self, labels: Labels<'_>, value: Value) {
        let labels = labels.pairs();
        self.series.push(Series {
            family: self.families.len() - 1,
            labels: labels
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            value,
        });
    }
}

impl Series {
    /// Returns the value of a label; an empty text if there is no such label.
    pub(super) fn label(&self, name: &str) -> &str {
        let found = self.labels.iter().find(|(label, _)| label == name);
        found.map_or("", |(_, value)| value)
    }

    /// Returns a counter's value, or the number of a histogram's observations.
    pub(super) fn count(&self) -> u64 {
        match &self.value {
            Value::Counter(value) => *value,
            Value::Gauge(_) => 0,
            Value::Histogram { counts, .. } => counts.iter().sum(),
        }
    }

    /// Returns a gauge's value, or the sum of a histogram's observations.
    pub(super) fn float(&self) -> f64 {
        match &self.value {
            Value::Counter(_) => 0.0,
            Value::Gauge(value) => *value,
            Value::Histogram { sum, .. } => *sum,
        }
    }

    /// Returns a histogram's finite bounds, each with the number of observations at or below it.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let (bounds, counts) = match &self.value {
            Value::Histogram { bounds, counts, .. } => (&bounds[..], &counts[..]),
            _ => (&[][..], &[][..]),
        };
        let mut cumulative = 0;
        bounds.iter().zip(counts).map(move |(bound, count)| {
            cumulative += count;
            (*bound, cumulative)
        })
    }
}

impl Encoder for Collected {
    fn family(&mut self, family: &Descriptor<'_>) {
        self.families.push(Family {
            name: family.name.to_owned(),
            catalogue_name: family.catalogue_name.to_owned(),
            kind: family.kind,
        });
    }

    fn counter(&mut self, labels: Labels<'_>, value: u64) {
        self.add(labels, Value::Counter(value));
    }

    fn float_counter(&mut self, labels: Labels<'_>, value: f64) {
        self.add(labels, Value::Gauge(value));
    }

    fn gauge(&mut self, labels: Labels<'_>, value: f64) {
        self.add(labels, Value::Gauge(value));
    }

    fn histogram(&mut self, labels: Labels<'_>, value: &HistogramSnapshot<'_>) {
        let value = Value::Histogram {
            bounds: value.bounds.to_vec(),
            counts: value.counts.to_vec(),
            sum: value.sum,
        };
        self.add(labels, value);
    }
}

/// Formats the series with their values: one per line, without the buckets of histograms.
impl fmt::Display for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for series in &self.series {
            let Family {
                name,
                catalogue_name,
                ..
            } = &self.families[series.family];
            // Left out: a recording has no application name.
            if catalogue_name == catalog::APP_INFO {
                continue;
            }
            let labels = series.labels.iter();
            let labels = render_labels(labels.map(|(name, value)| (&**name, &**value)));
            let labels = match &*labels {
                "" => String::new(),
                labels => format!("{{{labels}}}"),
            };
            let float = |value| {
                let mut text = String::new();
                write_float(&mut text, value);
                text
            };
            match &series.value {
                Value::Counter(value) => writeln!(f, "{name}{labels} {value}")?,
                Value::Gauge(value) => writeln!(f, "{name}{labels} {}", float(*value))?,
                Value::Histogram { sum, .. } => {
                    writeln!(f, "{name}_sum{labels} {}", float(*sum))?;
                    writeln!(f, "{name}_count{labels} {}", series.count())?;
                }
            }
        }
        Ok(())
    }
}
