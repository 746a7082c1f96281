//! The rules for name clashes, computed without the crate's own code: which families of a program
//! are exported, and with which samples.

use std::collections::{BTreeMap, BTreeSet};

use mcp_metrics::catalog::{self, Kind};

use crate::scrape::Labels;

/// All kinds that the facade registers.
pub const KINDS: [Kind; 3] = [Kind::Counter, Kind::Gauge, Kind::Histogram];

/// The only finite bucket bound that [`Registration::samples`] expects of a histogram.
pub const BOUND: f64 = 10.0;

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text format 0.0.4.
    Text,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

/// A family that a program registers through the facade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Its kind.
    pub kind: Kind,
    /// Its name as the program spells it.
    pub name: String,
}

impl Registration {
    /// Describes a registration; nothing is registered yet.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { kind, name }
    }

    /// Returns the exported name.
    pub fn exported(&self) -> String {
        sanitize(&self.name)
    }

    /// Returns the exposition names that the family claims.
    pub fn claims(&self) -> BTreeSet<String> {
        let name = self.exported();
        let stem = stem(&name);
        match self.kind {
            Kind::Counter => BTreeSet::from([
                stem.to_owned(),
                format!("{stem}_total"),
                format!("{stem}_created"),
                name,
            ]),
            Kind::Histogram => ["", "_bucket", "_sum", "_count", "_created"]
                .map(|suffix| format!("{name}{suffix}"))
                .into(),
            _ => [name].into(),
        }
    }

    /// Registers the family with the current recorder and records `value`, which must be at most
    /// [`BOUND`].
    pub fn record(&self, value: u32) {
        let name = self.name.clone();
        match self.kind {
            Kind::Counter => metrics::counter!(name).increment(value.into()),
            Kind::Histogram => metrics::histogram!(name).record(value),
            _ => metrics::gauge!(name).set(value),
        }
    }

    /// Returns the samples of the family after `value` was recorded once.
    pub fn samples(&self, value: u32, format: Format) -> BTreeMap<(String, Labels), f64> {
        let (name, value) = (self.exported(), f64::from(value));
        let sample = |suffix: &str, value| ((format!("{name}{suffix}"), Labels::new()), value);
        let bucket = |le: &str| {
            let labels = Labels::from([("le".to_owned(), le.to_owned())]);
            ((format!("{name}_bucket"), labels), 1.0)
        };
        match (self.kind, format) {
            (Kind::Histogram, _) => BTreeMap::from([
                bucket(&format!("{BOUND:?}")),
                bucket("+Inf"),
                sample("_sum", value),
                sample("_count", 1.0),
            ]),
            (Kind::Counter, Format::OpenMetrics) if name != "_total" => {
                let total = format!("{}_total", stem(&name));
                BTreeMap::from([((total, Labels::new()), value)])
            }
            _ => BTreeMap::from([sample("", value)]),
        }
    }

    /// Returns the name and the kind on the family's `# TYPE` line; no kind where the rules leave
    /// it open.
    pub fn header(&self, format: Format) -> (String, Option<&'static str>) {
        let name = self.exported();
        match (self.kind, format) {
            (Kind::Counter, Format::OpenMetrics) if name == "_total" => (name, Some("unknown")),
            (Kind::Counter, Format::Text) if name == "_total" => (name, None),
            (Kind::Counter, Format::OpenMetrics) => (stem(&name).to_owned(), Some("counter")),
            (kind, _) => (name, Some(kind.as_str())),
        }
    }
}

/// The exposition names that are claimed.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    families: BTreeMap<String, Kind>,
    names: BTreeSet<String>,
}

impl Claims {
    /// Returns the claims of a new exporter: those of the hub's families.
    pub fn of_the_hub() -> Self {
        let mut claims = Self::default();
        for family in catalog::FAMILIES.iter().chain(catalog::EXPORTER_FAMILIES) {
            claims.admit(&Registration::new(family.kind, family.name));
        }
        claims
    }

    /// Claims the names of a family; returns whether the family is exported.
    pub fn admit(&mut self, family: &Registration) -> bool {
        let (name, names) = (family.exported(), family.claims());
        if let Some(kind) = self.families.get(&name) {
            return *kind == family.kind;
        }
        if !self.names.is_disjoint(&names) {
            return false;
        }
        self.families.insert(name, family.kind);
        self.names.extend(names);
        true
    }
}

/// Returns a counter's name without `_total`, or the whole name if nothing would be left.
fn stem(name: &str) -> &str {
    let stem = name.strip_suffix("_total");
    stem.filter(|stem| !stem.is_empty()).unwrap_or(name)
}

/// Replaces the characters that are invalid in a metric name.
pub fn sanitize(name: &str) -> String {
    if name.is_empty() {
        return "_".to_owned();
    }
    let valid = |(index, c): (usize, char)| {
        let start = c.is_ascii_alphabetic() || c == '_' || c == ':';
        if start || index > 0 && c.is_ascii_digit() {
            c
        } else {
            '_'
        }
    };
    name.chars().enumerate().map(valid).collect()
}

/// Returns all ordered pairs of registrations with different kinds or `suffixes`. The names of a
/// pair have the same base, which starts with `prefix` and is unique to the pair.
pub fn pairs(prefix: &str, suffixes: &[&str]) -> Vec<[Registration; 2]> {
    let all: Vec<_> = KINDS
        .iter()
        .flat_map(|kind| suffixes.iter().map(|suffix| (*kind, *suffix)))
        .collect();
    let mut pairs = Vec::new();
    for (i, first) in all.iter().enumerate() {
        for (j, second) in all.iter().enumerate().filter(|(j, _)| *j != i) {
            let base = format!("{prefix}{i}x{j}");
            pairs.push(
                [first, second]
                    .map(|(kind, suffix)| Registration::new(*kind, format!("{base}{suffix}"))),
            );
        }
    }
    pairs
}
