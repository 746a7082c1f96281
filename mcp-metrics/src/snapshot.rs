//! Snapshots as encoders receive them: families in name order, series in label order, typed values.

use std::borrow::Cow;
use std::cmp::Ordering;

use metrics::{Label, SharedString, Unit};

use crate::catalog::Kind;
#[cfg(feature = "protobuf")]
use crate::sync::AtomicU64;

/// A receiver of a snapshot.
pub(crate) trait Encoder {
    /// Begins a family. Its series follow; there may be none.
    fn family(&mut self, family: &Descriptor<'_>);

    /// Adds a series of a counter.
    fn counter(&mut self, labels: Labels<'_>, value: u64);

    /// Adds a series of a counter that is not a whole number.
    fn float_counter(&mut self, labels: Labels<'_>, value: f64);

    /// Adds a series of a gauge.
    fn gauge(&mut self, labels: Labels<'_>, value: f64);

    /// Adds a series of a histogram.
    fn histogram(&mut self, labels: Labels<'_>, value: &HistogramSnapshot<'_>);
}

/// A family without its series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Descriptor<'a> {
    /// The exported name.
    pub(crate) name: &'a str,
    /// The name in the catalogue; of other families, `name`.
    pub(crate) catalogue_name: &'a str,
    pub(crate) kind: Kind,
    pub(crate) help: Option<&'a str>,
    /// The unit of a family of the catalogue.
    #[cfg_attr(
        not(feature = "http"),
        expect(dead_code, reason = "only the endpoint's formats have units")
    )]
    pub(crate) unit: Option<Unit>,
}

/// The labels of a series, and the same rendered for the text formats.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labels<'a> {
    /// Rendered without braces and without `extra`: `agent="planner",operation="plan"`.
    pub(crate) text: &'a str,
    pub(crate) pairs: Pairs<'a>,
    /// A label after the others.
    pub(crate) extra: Option<(&'static str, &'a str)>,
}

/// The label pairs of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pairs<'a> {
    /// Pairs as they were registered, with the global labels among them.
    Registered(&'a [Label]),
    /// Values for the label names of a family of the catalogue, after the global labels.
    Catalogue {
        globals: &'a [Label],
        names: &'static [&'static str],
        values: &'a [SharedString],
    },
}

impl<'a> Labels<'a> {
    /// Returns names and values, in the order in which they are exported.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let (labels, names, values) = match self.pairs {
            Pairs::Registered(labels) => (labels, &[][..], &[][..]),
            Pairs::Catalogue {
                globals,
                names,
                values,
            } => (globals, names, values),
        };
        let labels = labels.iter().map(|label| (label.key(), label.value()));
        let own = names.iter().copied().zip(values.iter().map(AsRef::as_ref));
        labels.chain(own).chain(self.extra)
    }

    /// Returns the value of a label; an empty text if there is no such label.
    pub(crate) fn get(&self, name: &str) -> &'a str {
        if let Pairs::Catalogue { names, values, .. } = self.pairs
            && let Some(index) = names.iter().position(|label| *label == name)
        {
            return values.get(index).map_or("", AsRef::as_ref);
        }
        let mut pairs = self.pairs();
        let found = pairs.find_map(|(label, value)| (label == name).then_some(value));
        found.unwrap_or_default()
    }

    /// Returns all labels, rendered.
    fn rendered(&self) -> Cow<'a, str> {
        let Some((name, value)) = self.extra else {
            return Cow::Borrowed(self.text);
        };
        let mut text = self.text.to_owned();
        render_label(&mut text, name, value);
        Cow::Owned(text)
    }

    /// Compares two series of a family by their rendered labels.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (self.extra, other.extra) {
            (None, None) => self.text.cmp(other.text),
            _ => self.rendered().cmp(&other.rendered()),
        }
    }
}

/// A snapshot of one series of a histogram.
#[derive(Clone, Debug)]
pub(crate) struct HistogramSnapshot<'a> {
    /// Upper bounds, without `+Inf`.
    pub(crate) bounds: &'a [f64],
    /// Observations of each bucket, not cumulative, `+Inf` last.
    pub(crate) counts: Cow<'a, [u64]>,
    /// The sum of the observations.
    pub(crate) sum: f64,
    /// Whether the sum may decrease: an observation was negative or NaN.
    pub(crate) decreases: bool,
    /// The cells of the native histogram and of one that is to be added to it. Read by the encoder,
    /// after the counts, so that they hold at least as many observations.
    #[cfg(feature = "protobuf")]
    pub(crate) native: [Option<&'a [AtomicU64]>; 2],
}

impl HistogramSnapshot<'_> {
    /// Adds a series with the same bounds.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`merge` adds values of any type"
    )]
    pub(crate) fn add(mut self, other: Self) -> Self {
        for (count, more) in self.counts.to_mut().iter_mut().zip(&*other.counts) {
            *count += more;
        }
        self.sum += other.sum;
        self.decreases |= other.decreases;
        #[cfg(feature = "protobuf")]
        {
            self.native[1] = other.native[0];
        }
        self
    }
}

/// Merges two sequences of series, both in label order, and passes them to `emit` in that order.
/// Series with the same labels are combined by `add`.
pub(crate) fn merge<'a, V>(
    left: impl Iterator<Item = (Labels<'a>, V)>,
    right: impl Iterator<Item = (Labels<'a>, V)>,
    mut add: impl FnMut(V, V) -> V,
    mut emit: impl FnMut(Labels<'a>, V),
) {
    let mut right = right.peekable();
    for (labels, mut value) in left {
        while let Some((other, _)) = right.peek() {
            match other.order(&labels) {
                Ordering::Less => {}
                Ordering::Equal => {
                    if let Some((_, more)) = right.next() {
                        value = add(value, more);
                    }
                    break;
                }
                Ordering::Greater => break,
            }
            if let Some((other, value)) = right.next() {
                emit(other, value);
            }
        }
        emit(labels, value);
    }
    right.for_each(|(labels, value)| emit(labels, value));
}

/// Renders labels for the text formats, without braces.
pub(crate) fn render_labels<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    labels.fold(String::new(), |mut text, (name, value)| {
        render_label(&mut text, name, value);
        text
    })
}

/// Appends a label to rendered ones.
pub(crate) fn render_label(text: &mut String, name: &str, value: &str) {
    if !text.is_empty() {
        text.push(',');
    }
    text.push_str(name);
    text.push_str("=\"");
    escape(text, value, true);
    text.push('"');
}

/// Appends a text with backslashes and line feeds escaped, and quotation marks if `quotes`.
pub(crate) fn escape(text: &mut String, value: &str, quotes: bool) {
    let mut rest = value;
    while let Some(at) = rest.find(['\\', '\n', '"']) {
        text.push_str(&rest[..at]);
        text.push_str(match rest.as_bytes()[at] {
            b'\\' => r"\\",
            b'\n' => r"\n",
            _ if quotes => "\\\"",
            _ => "\"",
        });
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render_labels_escapes_quotes_backslashes_and_line_feeds() {
        let labels = [("a", "q\"b\\s\nl, }= x"), ("b", ""), ("c", "\u{1f980}")];
        assert_eq!(
            render_labels(labels.into_iter()),
            "a=\"q\\\"b\\\\s\\nl, }= x\",b=\"\",c=\"\u{1f980}\"",
        );
    }

    #[test]
    fn merge_keeps_label_order_and_adds_equal_series() {
        let series = |texts: &[(&'static str, u64)]| {
            let series = texts.iter().map(|(text, value)| {
                let pairs = Pairs::Registered(&[]);
                let extra = None;
                (Labels { text, pairs, extra }, *value)
            });
            series.collect::<Vec<_>>().into_iter()
        };
        let left = series(&[("a", 1), ("c", 2), ("d", 3)]);
        let right = series(&[("", 10), ("b", 20), ("c", 30), ("e", 40)]);
        let mut merged = Vec::new();
        merge(
            left,
            right,
            |a, b| a + b,
            |labels, value| merged.push((labels.text, value)),
        );
        let expected = [
            ("", 10),
            ("a", 1),
            ("b", 20),
            ("c", 32),
            ("d", 3),
            ("e", 40),
        ];
        assert_eq!(merged, expected);
    }
}
