//! Checks that a query can match a series, and suggestions if it cannot.

use super::collect::Collected;
use super::nearest::{most_words_of, nearest};
use super::query::Query;
use crate::catalog::{self, Family, Kind};

/// The most edits between a name without the prefix of a family of this crate and the name that is
/// meant. Other metrics may have similar names.
const FOREIGN_TYPO: usize = 2;

/// Panics if no family that could ever be recorded has this name, kind and labels: a test that
/// expects no recordings would always pass. `namespace` is that of the recording.
#[track_caller]
pub(super) fn check(query: &Query, collected: &Collected, kind: Kind, namespace: &str) {
    let name = query.family();
    let known = catalog::family(collected.catalogue_name(name).unwrap_or(name));
    let found = collected.kind(name).or(known.map(|family| family.kind));
    match found {
        Some(found) => assert!(
            found == kind,
            "`{name}` is a {found}, not a {kind}; use `{found}`",
            found = found.as_str(),
            kind = kind.as_str(),
        ),
        None => {
            if let Some(problem) = unknown(name, collected, namespace) {
                panic!("{problem}");
            }
        }
    }
    if let Some(family) = known {
        for label in query.label_names() {
            let is_known = family.labels.contains(&label);
            assert!(is_known, "{}", unknown_label(name, family, label));
        }
    }
}

/// Returns why no family can have this name, or `None` if it may be one of the program's.
fn unknown(name: &str, collected: &Collected, namespace: &str) -> Option<String> {
    if let Some(histogram) = histogram_of_sample(name, collected) {
        return Some(format!(
            "`{name}` belongs to the histogram `{histogram}`; use `histogram(\"{histogram}\", …)`"
        ));
    }
    let hint = match prefix(name) {
        Some(prefix) => nearest_with(prefix, name).map_or_else(
            || "its families are in `mcp_metrics::catalog`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
        None => {
            let near = nearest_family(name, namespace)?;
            format!("did you mean `{near}`?")
        }
    };
    Some(format!("unknown family `{name}`; {hint}"))
}

/// Returns the histogram that exports a sample of this name.
fn histogram_of_sample<'a>(name: &'a str, collected: &Collected) -> Option<&'a str> {
    let stems = ["_bucket", "_sum", "_count"].map(|suffix| name.strip_suffix(suffix));
    stems.into_iter().flatten().find(|stem| {
        let known = || catalog::family(stem).map(|family| family.kind);
        collected.kind(stem).or_else(known) == Some(Kind::Histogram)
    })
}

/// Returns the first two words of a name if they are the prefix of families of this crate.
fn prefix(name: &str) -> Option<&str> {
    catalog::all().find_map(|family| {
        let mut words = family.name.match_indices('_').map(|(at, _)| at + 1);
        let end = words.nth(1)?;
        let is_prefix = name.starts_with(&family.name[..end]);
        is_prefix.then(|| &name[..end])
    })
}

/// Returns the family with this prefix whose name is probably meant.
fn nearest_with(prefix: &str, name: &str) -> Option<&'static str> {
    let rest = |name| str::strip_prefix(name, prefix);
    let families = || catalog::all().filter_map(|family| rest(family.name));
    let name = rest(name)?;
    let near = nearest(name, families());
    let rest = near.or_else(|| most_words_of(name, families()))?;
    catalog::all()
        .map(|family| family.name)
        .find(|family| family.strip_prefix(prefix) == Some(rest))
}

/// Returns the family whose name, including its prefix, is probably meant.
fn nearest_family(name: &str, namespace: &str) -> Option<String> {
    let names = catalog::all().map(|family| family.name_in(namespace));
    let names: Vec<_> = names.collect();
    let near = nearest(name, names.iter().map(|name| &**name))?;
    (strsim::osa_distance(name, near) <= FOREIGN_TYPO).then(|| near.to_owned())
}

fn unknown_label(name: &str, family: &Family, label: &str) -> String {
    if family.labels.is_empty() {
        return format!("`{name}` has no label `{label}`; it has no labels");
    }
    let labels: Vec<_> = family.labels.iter().map(|it| format!("`{it}`")).collect();
    let labels = labels.join(", ");
    let near = nearest(label, family.labels.iter().copied());
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("`{name}` has no label `{label}`; its labels are {labels}{hint}")
}

/// Returns a note about a query without a result that probably has a typo in the name of a metric
/// or label of the program. It is not an error: `rx_bytes` may be meant beside `tx_bytes`.
pub(super) fn suspect(query: &Query, collected: &Collected) -> Option<String> {
    let name = query.family();
    if collected.kind(name).is_none() {
        let near = nearest(name, collected.recorded())?;
        return Some(format!(
            "no metric `{name}` was recorded; the nearest name is `{near}`"
        ));
    }
    let labels = collected.label_names(name);
    let unknown = query.label_names().find(|label| !labels.contains(label))?;
    let near = nearest(unknown, labels)?;
    Some(format!(
        "no series of `{name}` has a label `{unknown}`; the nearest label is `{near}`"
    ))
}
