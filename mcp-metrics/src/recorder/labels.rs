//! Names and labels as they are exported: valid, unique and in a stable order.

use std::collections::BTreeMap;

use metrics::{Key, Label, SharedString};
use metrics_exporter_prometheus::formatting::{sanitize_label_key, sanitize_metric_name};

use crate::catalog::{self, Kind};
use crate::snapshot::render_labels;

/// Returns a metric's name with invalid characters replaced.
pub(crate) fn family_name(name: &str) -> String {
    if name.is_empty() {
        "_".to_owned()
    } else {
        sanitize_metric_name(name)
    }
}

/// Returns a key's labels: in the catalogue's order for families that it has, by name for others.
///
/// Prometheus rejects a scrape with a duplicate label or with one series in two label orders. It
/// treats an empty value as a missing label, so foreign labels without a value are left out.
pub(super) fn own_labels(key: &Key, family: &str, kind: Kind) -> Vec<Label> {
    let known = catalog::family(family);
    let order = known.map_or(&[][..], |family| family.labels);
    let mut labels: Vec<(String, SharedString)> = Vec::with_capacity(key.labels().len());
    for (name, value) in key.labels().map(|label| label.clone().into_parts()) {
        let name = label_name(&name, kind);
        match labels.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => labels.push((name, value)),
        }
    }
    if known.is_none() {
        labels.retain(|(_, value)| !value.is_empty());
    }
    let rank = |name: &str| {
        let position = order.iter().position(|label| *label == name);
        position.unwrap_or(order.len())
    };
    labels.sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
    labels.iter().map(Label::from).collect()
}

/// Returns the global labels of a series with these label names: those that no label of the same
/// name overrides.
pub(super) fn globals_beside(globals: &[Label], has: impl Fn(&str) -> bool) -> Vec<Label> {
    let globals = globals.iter().filter(|global| !has(global.key()));
    globals.cloned().collect()
}

/// Renders the labels of a series of the catalogue: the global ones, then its own. Names without a
/// value are left out.
pub(super) fn render_catalogue_labels(
    globals: &[Label],
    names: &[&str],
    values: &[impl AsRef<str>],
) -> String {
    let globals = globals.iter().map(|label| (label.key(), label.value()));
    let values = values.iter().map(AsRef::as_ref);
    render_labels(globals.chain(names.iter().copied().zip(values)))
}

/// Returns the labels of all series of the process, by name. Of duplicates, the last is kept;
/// labels without a value are left out.
pub(super) fn global_labels(labels: Vec<(String, String)>) -> Vec<Label> {
    let labels = labels
        .into_iter()
        .map(|(name, value)| (label_name(&name, Kind::Histogram), value));
    let labels: BTreeMap<_, _> = labels.collect();
    let labels = labels.iter().filter(|(_, value)| !value.is_empty());
    labels
        .map(|(name, value)| Label::new(name.clone(), value.clone()))
        .collect()
}

/// Returns a label's name with invalid characters replaced. A name that Prometheus reserves is
/// prefixed with `exported`, as Prometheus does with clashing labels.
fn label_name(name: &str, kind: Kind) -> String {
    match name {
        "" => "_".to_owned(),
        "le" if kind == Kind::Histogram => "exported_le".to_owned(),
        name if name.starts_with("__") => format!("exported{}", sanitize_label_key(name)),
        name => sanitize_label_key(name),
    }
}
