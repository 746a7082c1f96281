//! The text formats: Prometheus' 0.0.4, and OpenMetrics 1.0 as a dialect of it.
//!
//! Formats: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>,
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::marker::PhantomData;

use metrics::Unit;

use super::number::{format_bound, write_float};
use crate::catalog::Kind;
use crate::snapshot::{Descriptor, Encoder, HistogramSnapshot, Labels, escape, render_label};

/// The `Content-Type` of Prometheus' text format.
#[cfg(any(feature = "http", feature = "push"))]
pub(crate) const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The differences between the two text formats.
pub(crate) trait Dialect {
    const OPEN_METRICS: bool;
}

/// Prometheus' text format 0.0.4.
#[derive(Debug)]
pub(crate) enum Prometheus {}

/// OpenMetrics 1.0.
#[cfg(feature = "http")]
#[derive(Debug)]
pub(crate) enum OpenMetrics {}

impl Dialect for Prometheus {
    const OPEN_METRICS: bool = false;
}

#[cfg(feature = "http")]
impl Dialect for OpenMetrics {
    const OPEN_METRICS: bool = true;
}

/// An encoder for the text formats.
#[derive(Debug)]
pub(crate) struct Text<D> {
    encoded: String,
    /// The name of the current family's samples.
    name: String,
    /// The start of the current family's bucket lines, up to the labels: `name_bucket{`.
    bucket: String,
    /// The part of bucket lines from the labels to the value, for `bounds`: `le="0.1"} `.
    bucket_ends: Vec<String>,
    bounds: Vec<f64>,
    dialect: PhantomData<D>,
}

impl<D: Dialect> Text<D> {
    /// Creates an encoder with a buffer of `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            encoded: String::with_capacity(capacity),
            name: String::new(),
            bucket: String::new(),
            bucket_ends: Vec::new(),
            bounds: Vec::new(),
            dialect: PhantomData,
        }
    }

    /// Returns the text.
    pub(crate) fn finish(mut self) -> String {
        if D::OPEN_METRICS {
            // The end marker, by which parsers detect a truncated response.
            self.encoded.push_str("# EOF\n");
        }
        self.encoded
    }

    /// Appends a line of metadata.
    fn comment(&mut self, word: &str, name: &str, value: &str) {
        for part in ["# ", word, " ", name, " ", value, "\n"] {
            self.encoded.push_str(part);
        }
    }

    fn help(&mut self, name: &str, help: Option<&str>) {
        if let Some(help) = help {
            for part in ["# HELP ", name, " "] {
                self.encoded.push_str(part);
            }
            escape(&mut self.encoded, help, D::OPEN_METRICS);
            self.encoded.push('\n');
        }
    }

    /// Appends a line up to its value.
    #[inline]
    fn series(&mut self, suffix: &str, labels: Labels<'_>) {
        let text = &mut self.encoded;
        text.push_str(&self.name);
        text.push_str(suffix);
        if labels.text.is_empty() && labels.extra.is_none() {
            text.push(' ');
            return;
        }
        text.push('{');
        text.push_str(labels.text);
        if let Some((name, value)) = labels.extra {
            if labels.text.is_empty() {
                let mut label = String::new();
                render_label(&mut label, name, value);
                text.push_str(&label);
            } else {
                render_label(text, name, value);
            }
        }
        text.push_str("} ");
    }

    /// Appends a whole number and ends the line.
    #[inline]
    fn whole(&mut self, value: u64) {
        self.encoded.push_str(itoa::Buffer::new().format(value));
        self.encoded.push('\n');
    }

    /// Appends a float and ends the line.
    fn float(&mut self, value: f64) {
        write_float(&mut self.encoded, value);
        self.encoded.push('\n');
    }
}

impl<D: Dialect> Encoder for Text<D> {
    fn family(&mut self, family: &Descriptor<'_>) {
        let Descriptor {
            name, kind, help, ..
        } = *family;
        self.name.clear();
        self.name.push_str(name);
        self.bucket.clear();
        if kind == Kind::Histogram {
            self.bucket.extend([name, "_bucket{"]);
        }
        // Parsers that strip the suffix would be left with an empty name.
        let is_nameless = kind == Kind::Counter && name == "_total";
        if !D::OPEN_METRICS {
            self.help(name, help);
            let kind = if is_nameless {
                "untyped"
            } else {
                kind.as_str()
            };
            self.comment("TYPE", name, kind);
            return;
        }
        let (name, kind) = match kind {
            Kind::Counter => match name.strip_suffix("_total") {
                Some(_) if is_nameless => (name, "unknown"),
                Some(stem) => (stem, "counter"),
                None => {
                    self.name.push_str("_total");
                    (name, "counter")
                }
            },
            kind => (name, kind.as_str()),
        };
        self.comment("TYPE", name, kind);
        if let Some(unit) = family.unit.and_then(|unit| unit_of(name, unit)) {
            self.comment("UNIT", name, unit);
        }
        self.help(name, help);
    }

    fn counter(&mut self, labels: Labels<'_>, value: u64) {
        self.series("", labels);
        self.whole(value);
    }

    fn gauge(&mut self, labels: Labels<'_>, value: f64) {
        self.series("", labels);
        self.float(value);
    }

    fn histogram(&mut self, labels: Labels<'_>, value: &HistogramSnapshot<'_>) {
        if self.bounds != value.bounds {
            self.bounds = value.bounds.to_vec();
            let finite = value.bounds.iter().map(|bound| format_bound(*bound));
            let all = finite.chain(["+Inf".to_owned()]);
            self.bucket_ends = all.map(|bound| format!("le=\"{bound}\"}} ")).collect();
        }
        let Self {
            encoded: text,
            bucket,
            ..
        } = self;
        let length = bucket.len() + labels.text.len() + 40;
        text.reserve((self.bucket_ends.len() + 2) * length);
        let mut cumulative = 0;
        for (end, count) in self.bucket_ends.iter().zip(&*value.counts) {
            cumulative += count;
            text.push_str(bucket);
            if !labels.text.is_empty() {
                text.push_str(labels.text);
                text.push(',');
            }
            text.push_str(end);
            text.push_str(itoa::Buffer::new().format(cumulative));
            text.push('\n');
        }
        // OpenMetrics allows a sum only if it can be a counter, and a count only with a sum.
        let is_negative = value.bounds.first().is_some_and(|bound| *bound < 0.0);
        let is_counter = !value.decreases && !value.sum.is_nan() && !is_negative;
        if is_counter || !D::OPEN_METRICS {
            self.series("_sum", labels);
            self.float(value.sum);
            self.series("_count", labels);
            self.whole(cumulative);
        }
    }
}

/// Returns the unit of a family for OpenMetrics, which requires the name to end with it.
fn unit_of(name: &str, unit: Unit) -> Option<&'static str> {
    // Counts have no unit.
    let unit = Some(unit.as_str()).filter(|_| unit != Unit::Count)?;
    let stem = name.strip_suffix(unit)?;
    stem.ends_with('_').then_some(unit)
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use super::*;

    #[test]
    fn openmetrics_counter_has_its_stem_as_family_and_total_as_suffix() {
        let encoded = |name| {
            let mut encoder = Text::<OpenMetrics>::with_capacity(0);
            encoder.family(&Descriptor {
                name,
                kind: Kind::Counter,
                help: Some("A \"b\"."),
                unit: Some(Unit::Count),
            });
            let pairs = crate::snapshot::Pairs::Registered(&[]);
            let (text, extra) = ("x=\"1\"", None);
            encoder.counter(Labels { text, pairs, extra }, 2);
            encoder.finish()
        };
        assert_eq!(
            encoded("a_total"),
            "# TYPE a counter\n# HELP a A \\\"b\\\".\na_total{x=\"1\"} 2\n# EOF\n",
        );
        assert_eq!(
            encoded("hits"),
            "# TYPE hits counter\n# HELP hits A \\\"b\\\".\nhits_total{x=\"1\"} 2\n# EOF\n",
        );
        assert_eq!(
            encoded("_total"),
            "# TYPE _total unknown\n# HELP _total A \\\"b\\\".\n_total{x=\"1\"} 2\n# EOF\n",
        );
    }
}
