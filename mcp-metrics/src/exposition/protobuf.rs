//! The text format told in Prometheus' protobuf messages, with native histograms.
//!
//! The messages are those of `io.prometheus.client`, as far as they are used:
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>.
//! They are written down here by hand, so that no protobuf compiler is needed to build.

use std::collections::{BTreeMap, HashMap};

use prost::Message;

use super::{Block, Exposition, Sample, samples, unescaped};
use crate::histogram::native::{FIRST_KEY, SCHEMA, ZERO_THRESHOLD};

/// Cells of native histograms by family and labels.
pub(crate) type Natives = HashMap<(String, BTreeMap<String, String>), Vec<u64>>;

#[derive(Clone, PartialEq, Message)]
struct MetricFamily {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "2")]
    help: Option<String>,
    #[prost(enumeration = "MetricType", optional, tag = "3")]
    r#type: Option<i32>,
    #[prost(message, repeated, tag = "4")]
    metric: Vec<Metric>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
enum MetricType {
    Counter = 0,
    Gauge = 1,
    Untyped = 3,
    Histogram = 4,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(message, repeated, tag = "1")]
    label: Vec<LabelPair>,
    #[prost(message, optional, tag = "2")]
    gauge: Option<Value>,
    #[prost(message, optional, tag = "3")]
    counter: Option<Value>,
    #[prost(message, optional, tag = "5")]
    untyped: Option<Value>,
    #[prost(message, optional, tag = "7")]
    histogram: Option<Histogram>,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct LabelPair {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "2")]
    value: Option<String>,
}

/// A `Gauge`, a `Counter` or an `Untyped`, which are written the same.
#[derive(Clone, Copy, PartialEq, Message)]
struct Value {
    #[prost(double, optional, tag = "1")]
    value: Option<f64>,
}

#[derive(Clone, PartialEq, Message)]
struct Histogram {
    #[prost(uint64, optional, tag = "1")]
    sample_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    sample_sum: Option<f64>,
    #[prost(message, repeated, tag = "3")]
    bucket: Vec<Bucket>,
    #[prost(sint32, optional, tag = "5")]
    schema: Option<i32>,
    #[prost(double, optional, tag = "6")]
    zero_threshold: Option<f64>,
    #[prost(uint64, optional, tag = "7")]
    zero_count: Option<u64>,
    #[prost(message, repeated, tag = "12")]
    positive_span: Vec<BucketSpan>,
    #[prost(sint64, repeated, tag = "13")]
    positive_delta: Vec<i64>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Bucket {
    #[prost(uint64, optional, tag = "1")]
    cumulative_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    upper_bound: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
struct BucketSpan {
    #[prost(sint32, optional, tag = "1")]
    offset: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    length: Option<u32>,
}

/// Tells all there is: a message for each family, each after its length.
pub(crate) fn protobuf(exposition: &Exposition<'_>) -> Vec<u8> {
    // Later than the rest, so that it holds at least as much.
    let natives = exposition.natives.as_ref();
    let natives = natives.map(|natives| natives()).unwrap_or_default();
    let mut told = Vec::new();
    for (name, block) in &exposition.families {
        let family = family(name, block, &natives);
        // A vector takes all there is.
        let _ = family.encode_length_delimited(&mut told);
    }
    told
}

fn family(name: &str, block: &Block<'_>, natives: &Natives) -> MetricFamily {
    let series = block.series();
    let lines = samples(&series);
    let (kind, metric) = match block.kind() {
        "histogram" => (MetricType::Histogram, histograms(name, lines, natives)),
        "counter" => (
            MetricType::Counter,
            lines
                .map(|sample| metric(&sample, |metric, value| metric.counter = value))
                .collect(),
        ),
        "gauge" => (
            MetricType::Gauge,
            lines
                .map(|sample| metric(&sample, |metric, value| metric.gauge = value))
                .collect(),
        ),
        _ => (
            MetricType::Untyped,
            lines
                .map(|sample| metric(&sample, |metric, value| metric.untyped = value))
                .collect(),
        ),
    };
    MetricFamily {
        name: Some(name.to_owned()),
        help: block.help().map(unescape),
        r#type: Some(kind.into()),
        metric,
    }
}

/// A help text as it was before it was written on a line.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => chars.next().map_or('\\', unescaped),
            c => c,
        });
    }
    plain
}

fn metric(sample: &Sample<'_>, set: impl FnOnce(&mut Metric, Option<Value>)) -> Metric {
    let mut metric = Metric {
        label: labels(sample),
        ..Metric::default()
    };
    let value = Some(sample.value());
    set(&mut metric, Some(Value { value }));
    metric
}

/// The labels of a sample, but for a bucket's bound.
fn labels(sample: &Sample<'_>) -> Vec<LabelPair> {
    let labels = sample.labels.iter().filter(|(name, _)| *name != "le");
    labels
        .map(|(name, value)| LabelPair {
            name: Some((*name).to_owned()),
            value: Some(value.clone().into_owned()),
        })
        .collect()
}

/// The series of a histogram family, whose lines stand together.
fn histograms<'a>(
    name: &str,
    lines: impl Iterator<Item = Sample<'a>>,
    natives: &Natives,
) -> Vec<Metric> {
    let mut metrics = Vec::new();
    let mut histogram = Histogram::default();
    for sample in lines {
        match sample.name.strip_prefix(name) {
            Some("_bucket") => histogram.bucket.push(Bucket {
                cumulative_count: Some(sample.count()),
                upper_bound: sample.label("le").parse().ok(),
            }),
            Some("_sum") => histogram.sample_sum = Some(sample.value()),
            // The last of its lines.
            _ => {
                histogram.sample_count = Some(sample.count());
                let plain = sample.labels.iter();
                let plain =
                    plain.map(|(name, value)| ((*name).to_owned(), value.clone().into_owned()));
                if let Some(cells) = natives.get(&(name.to_owned(), plain.collect())) {
                    histogram.add_native(cells);
                }
                metrics.push(Metric {
                    label: labels(&sample),
                    histogram: Some(std::mem::take(&mut histogram)),
                    ..Metric::default()
                });
            }
        }
    }
    metrics
}

impl Histogram {
    /// Adds a native histogram's cells: the first for zero, then the buckets, of which only those
    /// that count something are written, as differences, with the distances between them.
    fn add_native(&mut self, cells: &[u64]) {
        let Some((zero, buckets)) = cells.split_first() else {
            return;
        };
        // A reader checks that the buckets hold all observations; some may have come since the
        // text was rendered.
        self.sample_count = Some(cells.iter().sum());
        self.schema = Some(SCHEMA);
        self.zero_threshold = Some(ZERO_THRESHOLD);
        self.zero_count = Some(*zero);
        let mut next = 0;
        let mut before = 0;
        for (key, count) in (FIRST_KEY..).zip(buckets).filter(|(_, count)| **count > 0) {
            match self.positive_span.last_mut() {
                Some(span) if key == next => span.length = span.length.map(|length| length + 1),
                _ => self.positive_span.push(BucketSpan {
                    offset: Some(key - next),
                    length: Some(1),
                }),
            }
            next = key + 1;
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            self.positive_delta.push(count - before);
            before = count;
        }
        if self.positive_span.is_empty() {
            // Without a span it would be taken for one without native buckets.
            self.positive_span.push(BucketSpan {
                offset: Some(0),
                length: Some(0),
            });
        }
    }
}
