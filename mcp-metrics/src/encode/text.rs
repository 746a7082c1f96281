//! Prometheus' text format 0.0.4, and an encoder that it shares with OpenMetrics.
//!
//! Format: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use std::marker::PhantomData;

use super::number::{format_bound, write_float};
use crate::catalog::Kind;
use crate::snapshot::{Descriptor, Encoder, HistogramSnapshot, Labels, escape, render_label};

/// The `Content-Type` of Prometheus' text format.
#[cfg(any(feature = "http", feature = "push"))]
pub(crate) const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What differs between the text formats.
pub(crate) trait Dialect {
    /// The last line.
    const END: &'static str;

    /// Appends the lines of a family's metadata. Returns the suffix that the names of its samples
    /// have in addition to the family's name.
    fn metadata(text: &mut String, family: &Descriptor<'_>) -> &'static str;

    /// Returns whether a histogram has a sum and a count.
    fn has_sum(histogram: &HistogramSnapshot<'_>) -> bool;
}

/// Prometheus' text format 0.0.4.
#[derive(Debug)]
pub(crate) enum Prometheus {}

impl Dialect for Prometheus {
    const END: &'static str = "";

    fn metadata(text: &mut String, family: &Descriptor<'_>) -> &'static str {
        let Descriptor {
            name, kind, help, ..
        } = *family;
        comment_help(text, name, help, false);
        let kind = match kind {
            Kind::Counter if is_nameless(name) => "untyped",
            kind => kind.as_str(),
        };
        comment(text, "TYPE", name, kind);
        ""
    }

    fn has_sum(_: &HistogramSnapshot<'_>) -> bool {
        true
    }
}

/// Returns whether a counter's name consists of the suffix alone. Parsers that strip the suffix
/// would be left with an empty name.
pub(super) fn is_nameless(counter: &str) -> bool {
    counter == "_total"
}

/// Appends a line of metadata.
pub(super) fn comment(text: &mut String, word: &str, name: &str, value: &str) {
    for part in ["# ", word, " ", name, " ", value, "\n"] {
        text.push_str(part);
    }
}

/// Appends the line with a family's description.
pub(super) fn comment_help(text: &mut String, name: &str, help: Option<&str>, quotes: bool) {
    if let Some(help) = help {
        for part in ["# HELP ", name, " "] {
            text.push_str(part);
        }
        escape(text, help, quotes);
        text.push('\n');
    }
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
        self.encoded.push_str(D::END);
        self.encoded
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
        self.name.clear();
        self.name.push_str(family.name);
        let suffix = D::metadata(&mut self.encoded, family);
        self.name.push_str(suffix);
        self.bucket.clear();
        if family.kind == Kind::Histogram {
            self.bucket.extend([family.name, "_bucket{"]);
        }
    }

    fn counter(&mut self, labels: Labels<'_>, value: u64) {
        self.series("", labels);
        self.whole(value);
    }

    fn float_counter(&mut self, labels: Labels<'_>, value: f64) {
        self.series("", labels);
        self.float(value);
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
        if D::has_sum(value) {
            self.series("_sum", labels);
            self.float(value.sum);
            self.series("_count", labels);
            self.whole(cumulative);
        }
    }
}
