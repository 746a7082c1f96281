//! The names of exported families and samples, and their owners.

use std::collections::{HashMap, HashSet};

use crate::catalog::{self, Kind, Namespace};

/// The families that are exported, and the names of their samples in all formats, as exported.
///
/// A histogram `x` has samples `x_bucket`, `x_sum` and `x_count`; a counter `x_total` is the family
/// `x` in OpenMetrics, and `x_created` belongs to both. Prometheus rejects a whole scrape in which
/// a name belongs to two families. So the first family keeps its names, and a family that shares
/// one of them is not exported.
#[derive(Debug)]
pub(super) struct NameRegistry {
    kinds: HashMap<String, Kind>,
    /// The families that own the names.
    owners: HashMap<String, String>,
    /// Rejected families that have been logged. Each is logged once.
    logged: HashSet<String>,
}

/// Why a family is not exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    /// The family exists with another kind.
    Kind(Kind),
    /// A name of its samples belongs to another family.
    Name { name: String, owner: String },
    /// It is a family of the catalogue, which has other labels.
    Labels(&'static [&'static str]),
}

impl NameRegistry {
    /// Creates a registry in which the families of the catalogue own their names.
    pub(super) fn new(namespace: &Namespace) -> Self {
        let mut registry = Self {
            kinds: HashMap::new(),
            owners: HashMap::new(),
            logged: HashSet::new(),
        };
        for family in catalog::all() {
            // Names of the catalogue do not clash, as a test checks.
            let _ = registry.claim(&namespace.exported_name(family.name), family.kind);
        }
        registry
    }

    /// Claims the names of a family, unless it has them already.
    pub(super) fn claim(&mut self, family: &str, kind: Kind) -> Result<(), Rejection> {
        match self.kinds.get(family) {
            Some(known) if *known == kind => return Ok(()),
            Some(known) => return Err(Rejection::Kind(*known)),
            None => {}
        }
        let names = sample_names(family, kind);
        for name in &names {
            if let Some(owner) = self.owners.get(name) {
                let (name, owner) = (name.clone(), owner.clone());
                return Err(Rejection::Name { name, owner });
            }
        }
        for name in names {
            self.owners.insert(name, family.to_owned());
        }
        self.kinds.insert(family.to_owned(), kind);
        Ok(())
    }

    /// Returns whether a family is rejected for the first time.
    pub(super) fn is_first_rejection(&mut self, family: &str) -> bool {
        self.logged.insert(family.to_owned())
    }
}

/// Returns the names that belong to a family, in any format.
fn sample_names(family: &str, kind: Kind) -> Vec<String> {
    let with = |stem: &str, suffixes: &[&str]| {
        let names = suffixes.iter().map(|suffix| format!("{stem}{suffix}"));
        names.collect::<Vec<_>>()
    };
    match kind {
        Kind::Counter => match family.strip_suffix("_total") {
            Some("") => vec![family.to_owned()],
            Some(stem) => with(stem, &["", "_total", "_created"]),
            None => with(family, &["", "_total", "_created"]),
        },
        Kind::Gauge => vec![family.to_owned()],
        Kind::Histogram => with(family, &["", "_bucket", "_sum", "_count", "_created"]),
    }
}

impl Rejection {
    /// Logs that a family is not exported, and what to do about it.
    pub(super) fn log(&self, family: &str, kind: Kind) {
        let kind = kind.as_str();
        match self {
            Self::Kind(known) => tracing::warn!(
                family,
                kind,
                exported_as = known.as_str(),
                "metric not exported: its name belongs to a metric of another kind; rename one of \
                 them",
            ),
            Self::Name { name, owner } => tracing::warn!(
                family,
                kind,
                name,
                owner,
                "metric not exported: a name of its samples belongs to another metric; rename one \
                 of them",
            ),
            Self::Labels(labels) => tracing::warn!(
                family,
                kind,
                ?labels,
                "metric not exported: its labels differ from those of the hub's metric of this \
                 name; use those labels or another name",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogue_families_own_their_names() {
        for namespace in [Namespace::default(), Namespace::new("acme").unwrap()] {
            let registry = NameRegistry::new(&namespace);
            for family in catalog::all() {
                let name = namespace.exported_name(family.name);
                assert_eq!(registry.kinds.get(&*name), Some(&family.kind));
            }
        }
    }
}
