//! Prometheus' protobuf format, with native histograms.
//!
//! The messages are those parts of `io.prometheus.client` that are used:
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>.
//! They are declared by hand, so that building needs no protobuf compiler.

use prost::Message;
use prost::encoding::{encode_varint, message};

use crate::catalog::Kind;
use crate::snapshot::{Descriptor, Encoder, HistogramSnapshot, Labels};
use crate::storage::histogram::native::{FIRST_KEY, SCHEMA, ZERO_THRESHOLD};
use crate::sync::{AtomicU64, Ordering};

#[derive(Clone, PartialEq, Message)]
struct MetricFamily {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "2")]
    help: Option<String>,
    #[prost(enumeration = "MetricType", optional, tag = "3")]
    r#type: Option<i32>,
    // Tag 4, `repeated Metric`, is encoded series by series.
}

/// The tag of a family's series.
const METRIC: u32 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
enum MetricType {
    Counter = 0,
    Gauge = 1,
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

/// A `Gauge` or a `Counter`, which have the same fields.
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

/// An encoder for protobuf: one length-delimited message per family.
#[derive(Debug, Default)]
pub(crate) struct Protobuf {
    encoded: Vec<u8>,
    /// The current family's message.
    family: Vec<u8>,
    /// The last series, whose buffers the next one reuses.
    metric: Metric,
}

impl Protobuf {
    /// Returns the messages.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.finish_family();
        self.encoded
    }

    fn finish_family(&mut self) {
        if !self.family.is_empty() {
            encode_varint(self.family.len() as u64, &mut self.encoded);
            self.encoded.append(&mut self.family);
        }
    }

    fn set_labels(&mut self, labels: Labels<'_>) {
        let pairs = &mut self.metric.label;
        let mut count = 0;
        for (name, value) in labels.pairs() {
            if pairs.len() == count {
                pairs.push(LabelPair::default());
            }
            let pair = &mut pairs[count];
            for (field, text) in [(&mut pair.name, name), (&mut pair.value, value)] {
                let field = field.get_or_insert_default();
                field.clear();
                field.push_str(text);
            }
            count += 1;
        }
        pairs.truncate(count);
    }

    /// Encodes the current series.
    fn finish_metric(&mut self) {
        message::encode(METRIC, &self.metric, &mut self.family);
    }
}

impl Encoder for Protobuf {
    fn family(&mut self, family: &Descriptor<'_>) {
        self.finish_family();
        self.metric = Metric::default();
        let kind = match family.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
            Kind::Histogram => MetricType::Histogram,
        };
        let header = MetricFamily {
            name: Some(family.name.to_owned()),
            help: family.help.map(str::to_owned),
            r#type: Some(kind.into()),
        };
        // Encoding to a `Vec` cannot fail.
        let _ = header.encode(&mut self.family);
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the format has floats; integers up to 2^53 are exact"
    )]
    fn counter(&mut self, labels: Labels<'_>, value: u64) {
        self.set_labels(labels);
        let value = Some(value as f64);
        self.metric.counter = Some(Value { value });
        self.finish_metric();
    }

    fn float_counter(&mut self, labels: Labels<'_>, value: f64) {
        self.set_labels(labels);
        let value = Some(value);
        self.metric.counter = Some(Value { value });
        self.finish_metric();
    }

    fn gauge(&mut self, labels: Labels<'_>, value: f64) {
        self.set_labels(labels);
        let value = Some(value);
        self.metric.gauge = Some(Value { value });
        self.finish_metric();
    }

    fn histogram(&mut self, labels: Labels<'_>, value: &HistogramSnapshot<'_>) {
        self.set_labels(labels);
        let histogram = self.metric.histogram.get_or_insert_default();
        histogram.bucket.clear();
        let mut cumulative = 0;
        let bounds = value.bounds.iter().copied().chain([f64::INFINITY]);
        histogram
            .bucket
            .extend(bounds.zip(&*value.counts).map(|(bound, count)| {
                cumulative += count;
                Bucket {
                    cumulative_count: Some(cumulative),
                    upper_bound: Some(bound),
                }
            }));
        histogram.sample_count = Some(cumulative);
        histogram.sample_sum = Some(value.sum);
        if let [Some(cells), more] = value.native {
            histogram.set_native(cells, more);
        } else if let [None, Some(cells)] = value.native {
            histogram.set_native(cells, None);
        }
        self.finish_metric();
    }
}

impl Histogram {
    /// Sets the native buckets from the cells of a native histogram and of one that is added to it:
    /// the first for zero, then the buckets. Non-empty buckets are encoded as spans, with counts as
    /// differences.
    fn set_native(&mut self, cells: &[AtomicU64], more: Option<&[AtomicU64]>) {
        let load = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        let more = |index: usize| more.and_then(|more| more.get(index)).map_or(0, load);
        let counts = cells.iter().enumerate();
        let mut counts = counts.map(|(index, cell)| load(cell) + more(index));
        let zero = counts.next().unwrap_or_default();
        let mut total = zero;
        self.schema = Some(SCHEMA);
        self.zero_threshold = Some(ZERO_THRESHOLD);
        self.zero_count = Some(zero);
        self.positive_span.clear();
        self.positive_delta.clear();
        let mut next = 0;
        let mut before = 0;
        for (key, count) in (FIRST_KEY..).zip(counts).filter(|(_, count)| *count > 0) {
            total += count;
            match self.positive_span.last_mut() {
                Some(span) if key == next => span.length = span.length.map(|length| length + 1),
                _ => self.positive_span.push(BucketSpan {
                    offset: Some(key - next),
                    length: Some(1),
                }),
            }
            next = key + 1;
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.positive_delta.push(count - before);
            before = count;
        }
        if self.positive_span.is_empty() {
            // Without a span, parsers treat it as a histogram without native buckets.
            self.positive_span.push(BucketSpan {
                offset: Some(0),
                length: Some(0),
            });
        }
        // Prometheus checks that the native buckets hold all observations, unless one was NaN,
        // which they do not count. Observations may have been added since the classic buckets were
        // read.
        let is_nan = self.sample_sum.is_some_and(f64::is_nan);
        let classic = self.sample_count.filter(|_| is_nan).unwrap_or_default();
        self.sample_count = Some(total.max(classic));
    }
}
