//! Lines of the text format.

use std::fmt::Write as _;

use indexmap::IndexMap;
use metrics::Key;
use metrics_exporter_prometheus::LabelSet;
use metrics_exporter_prometheus::formatting::write_metric_line;

use crate::exposition;

/// A key's labels as the exporter prints them, without the braces.
pub(super) fn labels(key: &Key) -> String {
    let labels = LabelSet::from_key_and_global(key, &IndexMap::new());
    let mut line = String::new();
    write_metric_line(&mut line, "", None, &labels, None::<(_, &str)>, 0, None);
    let labels = line.strip_prefix('{').and_then(|it| it.rsplit_once('}'));
    labels
        .map(|(labels, _)| labels.to_owned())
        .unwrap_or_default()
}

/// Adds the line of a series.
pub(super) fn line(text: &mut String, [name, suffix]: [&str; 2], labels: &str, value: u64) {
    series(text, [name, suffix], labels);
    whole(text, value);
}

fn series(text: &mut String, [name, suffix]: [&str; 2], labels: &str) {
    text.push_str(name);
    text.push_str(suffix);
    if !labels.is_empty() {
        text.push('{');
        text.push_str(labels);
        text.push('}');
    }
    text.push(' ');
}

/// Adds a whole number and ends the line.
fn whole(text: &mut String, value: u64) {
    text.push_str(itoa::Buffer::new().format(value));
    text.push('\n');
}

/// How the lines of a family of histograms begin and end, which is the same for all its series.
#[derive(Debug)]
pub(super) struct Histogram {
    name: String,
    /// Up to the labels.
    begin: String,
    /// From the labels to the value, for each bucket.
    ends: Vec<String>,
}

impl Histogram {
    /// For buckets with these bounds.
    pub(super) fn new(name: &str, bounds: &[f64]) -> Self {
        let finite = bounds.iter().map(|bound| exposition::bound(*bound));
        let all = finite.chain(["+Inf".to_owned()]);
        Self {
            name: name.to_owned(),
            begin: format!("{name}_bucket{{"),
            ends: all.map(|bound| format!("le=\"{bound}\"}} ")).collect(),
        }
    }

    /// Adds the lines of a series, whose counts are not cumulative.
    pub(super) fn print(&self, text: &mut String, labels: &str, counts: &[u64], sum: f64) {
        let length = self.begin.len() + labels.len() + 40;
        text.reserve((self.ends.len() + 2) * length);
        let mut cumulative = 0;
        for (end, count) in self.ends.iter().zip(counts) {
            cumulative += count;
            text.push_str(&self.begin);
            if !labels.is_empty() {
                text.push_str(labels);
                text.push(',');
            }
            text.push_str(end);
            whole(text, cumulative);
        }
        series(text, [&self.name, "_sum"], labels);
        // A string takes whatever is written to it.
        let _ = writeln!(text, "{sum}");
        line(text, [&self.name, "_count"], labels, cumulative);
    }
}
