//! The prefix of the hub's families, and the names under another one.

use std::borrow::Cow;
#[cfg(feature = "exporter")]
use std::sync::Arc;

use super::{FAMILIES, Family};

/// The prefix of the names in [`FAMILIES`], without the underscore that follows it.
pub const NAMESPACE: &str = "mcp_hub";

/// The prefixes of families that keep their names.
#[cfg(feature = "exporter")]
const RESERVED: [&str; 6] = [
    "gen_ai",
    "mcp_client",
    "mcp_http",
    "mcp_metrics",
    "mcp_server",
    "process",
];

impl Family {
    /// Returns the name under which an exporter with this
    /// [namespace](crate::ExporterBuilder::namespace) exports the family. Only the names of
    /// [`FAMILIES`] that start with `mcp_hub_` differ from [`name`](Self::name).
    ///
    /// ```
    /// use mcp_metrics::catalog;
    ///
    /// let name = |name| catalog::family(name).unwrap().name_in("acme");
    /// assert_eq!(name(catalog::REQUESTS), "acme_requests_total");
    /// assert_eq!(name(catalog::SCRAPES), "mcp_metrics_scrapes_total");
    /// ```
    #[must_use]
    pub fn name_in(&self, namespace: &str) -> Cow<'static, str> {
        match stem(self.name) {
            Some(stem) if namespace != NAMESPACE && is_hub(self.name) => {
                format!("{namespace}_{stem}").into()
            }
            _ => self.name.into(),
        }
    }
}

/// Returns the part of a name after [`NAMESPACE`] and the underscore.
fn stem(name: &str) -> Option<&str> {
    name.strip_prefix(NAMESPACE)?.strip_prefix('_')
}

fn is_hub(name: &str) -> bool {
    FAMILIES.iter().any(|family| family.name == name)
}

/// The namespace of an exporter.
///
/// Families are registered, limited and read under the names of the catalogue. Only names that are
/// printed are replaced.
#[cfg(feature = "exporter")]
#[derive(Clone, Debug)]
pub(crate) struct Namespace(Arc<str>);

#[cfg(feature = "exporter")]
impl Namespace {
    /// Creates a namespace. Returns a hint for the error message if it is invalid.
    pub(crate) fn new(namespace: &str) -> Result<Self, &'static str> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_reserved = |reserved: &&str| {
            let rest = namespace.strip_prefix(*reserved);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        if namespace.is_empty() {
            Err("expected a name such as `acme`")
        } else if !namespace.chars().all(is_word) {
            Err("use ASCII letters, digits and underscores only")
        } else if namespace.starts_with(|c: char| c.is_ascii_digit()) {
            Err("metric names must not start with a digit")
        } else if namespace.ends_with('_') {
            Err("omit the underscore at the end, which is added")
        } else if RESERVED.iter().any(is_reserved) {
            Err("metrics with this prefix keep their names; use another one")
        } else {
            Ok(Self(namespace.into()))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the exported name of the metric that the catalogue has under this name. Other
    /// metrics have one name.
    pub(crate) fn exported_name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match super::family(name) {
            Some(family) => family.name_in(&self.0),
            None => name.into(),
        }
    }

    /// Returns the name in the catalogue of the metric that is exported under this name. Other
    /// metrics have one name.
    pub(crate) fn catalogue_name(&self, name: String) -> Cow<'static, str> {
        let rest = name.strip_prefix(&*self.0);
        let rest = rest.and_then(|rest| rest.strip_prefix('_'));
        let family = rest.and_then(|rest| {
            let mut families = FAMILIES.iter();
            families.find(|family| stem(family.name) == Some(rest))
        });
        match family {
            Some(family) => family.name.into(),
            None => name.into(),
        }
    }
}

#[cfg(feature = "exporter")]
impl Default for Namespace {
    fn default() -> Self {
        Self(NAMESPACE.into())
    }
}

#[cfg(all(test, feature = "exporter"))]
mod tests {
    use super::super::{all, process};
    use super::*;

    /// Returns all families but the hub's.
    fn others() -> impl Iterator<Item = &'static Family> {
        all()
            .filter(|family| !is_hub(family.name))
            .chain(process::FAMILIES)
    }

    #[test]
    fn families_that_keep_their_names_have_reserved_prefixes() {
        let hub = FAMILIES.iter().filter(|family| stem(family.name).is_none());
        for Family { name, .. } in others().chain(hub) {
            let is_prefix = |reserved: &&str| name.starts_with(&format!("{reserved}_"));
            assert!(RESERVED.iter().any(is_prefix), "{name}");
        }
    }

    #[test]
    fn no_valid_namespace_renames_a_family_to_another_one() {
        for Family { name: other, .. } in others().chain(FAMILIES) {
            for stem in FAMILIES.iter().filter_map(|family| stem(family.name)) {
                let Some(namespace) = other.strip_suffix(&format!("_{stem}")) else {
                    continue;
                };
                let is_valid = Namespace::new(namespace).is_ok();
                assert!(!is_valid || namespace == NAMESPACE, "{other}");
            }
        }
    }

    #[test]
    fn names_are_mapped_both_ways() {
        let acme = Namespace::new("acme").unwrap();
        for Family { name, .. } in all() {
            let exported = acme.exported_name(name);
            assert_eq!(is_hub(name), exported != *name, "{exported}");
            assert_eq!(acme.catalogue_name(exported.into_owned()), *name);
            assert_eq!(acme.catalogue_name((*name).to_owned()), *name);
            assert_eq!(Namespace::default().exported_name(name), *name);
        }
        for other in ["acme", "acme_", "acme_jobs_total", "mcp_hub_jobs_total", ""] {
            assert_eq!(acme.exported_name(other), other);
            assert_eq!(acme.catalogue_name(other.to_owned()), other);
        }
    }
}
