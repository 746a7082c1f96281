//! Keys as the exporter can print them: valid and unique names, labels in a stable order, values
//! that survive its escaping.

use std::collections::BTreeMap;

use metrics::{Key, Label, SharedString};
use metrics_exporter_prometheus::formatting::{sanitize_label_key, sanitize_metric_name};

use crate::catalog::{self, Kind};

/// The metric's name with what Prometheus does not allow replaced.
pub(super) fn name(key: &Key) -> String {
    if key.name().is_empty() {
        "_".to_owned()
    } else {
        sanitize_metric_name(key.name())
    }
}

/// The names and values of a key's labels: in the catalogue's order for families that it has, by
/// name for others. One scrape with a label twice, or one series in two orders, would make
/// Prometheus refuse the scrape.
pub(super) fn labels(key: &Key, family: &str, kind: Kind) -> (Vec<String>, Vec<SharedString>) {
    let order = catalog::family(family).map_or(&[][..], |family| family.labels);
    let mut labels: Vec<(String, SharedString)> = Vec::with_capacity(key.labels().len());
    for (name, value) in key.labels().map(|label| label.clone().into_parts()) {
        let name = label_name(&name, kind);
        match labels.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => labels.push((name, value)),
        }
    }
    let rank = |name: &str| {
        order
            .iter()
            .position(|label| *label == name)
            .unwrap_or(order.len())
    };
    labels.sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
    labels.into_iter().unzip()
}

/// A key of these labels, and of those of all series that it has not itself, that the exporter
/// prints as it should.
pub(super) fn exported(
    name: String,
    labels: impl Iterator<Item = (String, SharedString)>,
    globals: &[Label],
) -> Key {
    let own: Vec<_> = labels
        .map(|(name, value)| Label::new(name, escapable(value)))
        .collect();
    let is_own = |global: &Label| own.iter().any(|label| label.key() == global.key());
    let globals = globals.iter().filter(|global| !is_own(global)).cloned();
    let labels: Vec<_> = globals.chain(own.iter().cloned()).collect();
    Key::from_parts(name, labels)
}

/// Labels for every series of the process, by name, the last of each.
pub(super) fn global_labels(labels: Vec<(String, String)>) -> Vec<Label> {
    let labels = labels.into_iter().map(|(name, value)| {
        let name = label_name(&name, Kind::Histogram);
        (name, escapable(value.into()))
    });
    // In place of the exporter's own, which put a series' label where the global one has been.
    let labels: BTreeMap<_, _> = labels.collect();
    labels.iter().map(Label::from).collect()
}

/// The label's name with what Prometheus does not allow replaced, and with `exported` in front if
/// the name has a meaning of its own there, as Prometheus does with labels that clash.
fn label_name(name: &str, kind: Kind) -> String {
    match name {
        "" => "_".to_owned(),
        "le" if kind == Kind::Histogram => "exported_le".to_owned(),
        name if name.starts_with("__") => format!("exported{}", sanitize_label_key(name)),
        name => sanitize_label_key(name),
    }
}

/// Doubles each backslash: the exporter takes two for an escaped one, and would print one and two
/// alike, which makes one series of two and a duplicate that Prometheus refuses.
fn escapable(value: SharedString) -> SharedString {
    if value.contains('\\') {
        value.replace('\\', r"\\").into()
    } else {
        value
    }
}
