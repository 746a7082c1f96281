//! Lines of the text format.

use std::fmt::{Display, Write as _};

use indexmap::IndexMap;
use metrics::{Key, Label};
use metrics_exporter_prometheus::LabelSet;
use metrics_exporter_prometheus::formatting::write_metric_line;

use crate::exposition;

/// A key's labels with those of all series, as the exporter prints them, without the braces.
pub(super) fn labels(key: &Key, globals: &[(String, String)]) -> String {
    let globals = globals.iter().filter(|(global, _)| {
        // A series' own label takes precedence.
        !key.labels().any(|label| label.key() == global)
    });
    let labels: Vec<Label> = globals
        .map(Label::from)
        .chain(key.labels().cloned())
        .collect();
    let key = Key::from_parts(key.name().to_owned(), labels);
    let labels = LabelSet::from_key_and_global(&key, &IndexMap::new());

    let mut line = String::new();
    write_metric_line(&mut line, "", None, &labels, None::<(_, &str)>, 0, None);
    let labels = line.strip_prefix('{').and_then(|it| it.rsplit_once('}'));
    labels
        .map(|(labels, _)| labels.to_owned())
        .unwrap_or_default()
}

/// The bounds of buckets as the label `le` says them, with the infinite one.
pub(super) fn bounds(bounds: &[f64]) -> Vec<String> {
    let finite = bounds.iter().map(|bound| exposition::bound(*bound));
    finite.chain(["+Inf".to_owned()]).collect()
}

/// Adds the line of a series.
pub(super) fn line(
    text: &mut String,
    [name, suffix]: [&str; 2],
    labels: &str,
    value: impl Display,
) {
    text.push_str(name);
    text.push_str(suffix);
    if !labels.is_empty() {
        text.extend(["{", labels, "}"]);
    }
    number(text, value);
}

/// Adds the lines of a histogram whose buckets have these bounds and counts, not cumulative.
pub(super) fn histogram(
    text: &mut String,
    name: &str,
    labels: &str,
    (bounds, counts): (&[String], &[u64]),
    sum: f64,
) {
    let comma = if labels.is_empty() { "" } else { "," };
    let mut cumulative = 0;
    for (bound, count) in bounds.iter().zip(counts) {
        cumulative += count;
        text.extend([name, "_bucket{", labels, comma, "le=\"", bound, "\"}"]);
        number(text, cumulative);
    }
    line(text, [name, "_sum"], labels, sum);
    line(text, [name, "_count"], labels, cumulative);
}

fn number(text: &mut String, value: impl Display) {
    // A string takes whatever is written to it.
    let _ = writeln!(text, " {value}");
}
