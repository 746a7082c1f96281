//! A decoder of delimited `io.prometheus.client.MetricFamily` messages, independent of the crate's
//! own encoder. It panics on unknown fields.

/// A decoded family.
#[derive(Debug, Default)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) help: Option<String>,
    pub(crate) kind: u64,
    pub(crate) metrics: Vec<Metric>,
}

/// A decoded series.
#[derive(Debug, Default)]
pub(crate) struct Metric {
    pub(crate) labels: Vec<(String, String)>,
    /// The field that holds the value: `gauge`, `counter` or `untyped`.
    pub(crate) field: &'static str,
    pub(crate) value: Option<String>,
    pub(crate) histogram: Option<Histogram>,
}

/// A decoded histogram. Fields that are absent are `None`.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    pub(crate) count: Option<u64>,
    pub(crate) sum: Option<String>,
    /// Upper bounds and cumulative counts.
    pub(crate) buckets: Vec<(Option<f64>, Option<u64>)>,
    pub(crate) native: Native,
}

/// The fields of a native histogram.
#[derive(Debug, Default)]
pub(crate) struct Native {
    pub(crate) schema: Option<i64>,
    pub(crate) zero_threshold: Option<f64>,
    pub(crate) zero_count: Option<u64>,
    /// Offsets and lengths.
    pub(crate) spans: Vec<(i64, u64)>,
    pub(crate) deltas: Vec<i64>,
    /// Whether the zero count, the spans and the deltas were removed.
    pub(crate) is_masked: bool,
}

/// Decodes all families.
pub(crate) fn families(mut bytes: &[u8]) -> Vec<Family> {
    let mut families = Vec::new();
    while !bytes.is_empty() {
        families.push(family(delimited(&mut bytes)));
    }
    families
}

fn family(message: &[u8]) -> Family {
    let mut family = Family::default();
    for (tag, field) in Fields(message) {
        match tag {
            1 => family.name = field.string(),
            2 => family.help = Some(field.string()),
            3 => family.kind = field.varint(),
            4 => family.metrics.push(metric(field.bytes())),
            tag => panic!("unknown field {tag} of MetricFamily"),
        }
    }
    family
}

fn metric(message: &[u8]) -> Metric {
    let mut metric = Metric::default();
    for (tag, field) in Fields(message) {
        match tag {
            1 => metric.labels.push(label(field.bytes())),
            2 => metric.set_value("gauge", field.bytes()),
            3 => metric.set_value("counter", field.bytes()),
            5 => metric.set_value("untyped", field.bytes()),
            7 => metric.histogram = Some(histogram(field.bytes())),
            tag => panic!("unknown field {tag} of Metric"),
        }
    }
    metric
}

impl Metric {
    fn set_value(&mut self, field: &'static str, message: &[u8]) {
        self.field = field;
        for (tag, field) in Fields(message) {
            assert_eq!(tag, 1, "unknown field of {}", self.field);
            self.value = Some(field.double().to_string());
        }
    }
}

fn label(message: &[u8]) -> (String, String) {
    let mut label = (String::new(), String::new());
    for (tag, field) in Fields(message) {
        match tag {
            1 => label.0 = field.string(),
            2 => label.1 = field.string(),
            tag => panic!("unknown field {tag} of LabelPair"),
        }
    }
    label
}

fn histogram(message: &[u8]) -> Histogram {
    let mut histogram = Histogram::default();
    let native = &mut histogram.native;
    for (tag, field) in Fields(message) {
        match tag {
            1 => histogram.count = Some(field.varint()),
            2 => histogram.sum = Some(field.double().to_string()),
            3 => histogram.buckets.push(bucket(field.bytes())),
            5 => native.schema = Some(zigzag(field.varint())),
            6 => native.zero_threshold = Some(field.double()),
            7 => native.zero_count = Some(field.varint()),
            12 => native.spans.push(span(field.bytes())),
            13 => native.deltas.extend(field.varints().map(zigzag)),
            tag => panic!("unknown field {tag} of Histogram"),
        }
    }
    histogram
}

fn bucket(message: &[u8]) -> (Option<f64>, Option<u64>) {
    let mut bucket = (None, None);
    for (tag, field) in Fields(message) {
        match tag {
            1 => bucket.1 = Some(field.varint()),
            2 => bucket.0 = Some(field.double()),
            tag => panic!("unknown field {tag} of Bucket"),
        }
    }
    bucket
}

fn span(message: &[u8]) -> (i64, u64) {
    let mut span = (0, 0);
    for (tag, field) in Fields(message) {
        match tag {
            1 => span.0 = zigzag(field.varint()),
            2 => span.1 = field.varint(),
            tag => panic!("unknown field {tag} of BucketSpan"),
        }
    }
    span
}

/// Decodes a signed integer.
fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// The value of a field, by its wire type.
#[derive(Debug)]
enum Field<'a> {
    Varint(u64),
    Double(f64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn varint(&self) -> u64 {
        match self {
            Self::Varint(value) => *value,
            other => panic!("expected a varint, found {other:?}"),
        }
    }

    fn double(&self) -> f64 {
        match self {
            Self::Double(value) => *value,
            other => panic!("expected a double, found {other:?}"),
        }
    }

    fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            other => panic!("expected bytes, found {other:?}"),
        }
    }

    fn string(&self) -> String {
        String::from_utf8(self.bytes().to_vec()).expect("a string is UTF-8")
    }

    /// Returns the values of a repeated field, packed or not.
    fn varints(&self) -> impl Iterator<Item = u64> {
        let (one, mut packed) = match self {
            Self::Bytes(packed) => (None, *packed),
            one => (Some(one.varint()), &[][..]),
        };
        let packed =
            std::iter::from_fn(move || (!packed.is_empty()).then(|| take_varint(&mut packed)));
        one.into_iter().chain(packed)
    }
}

/// The numbers and values of a message's fields, in the order of the bytes.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Field<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let key = take_varint(&mut self.0);
        let field = match key & 7 {
            0 => Field::Varint(take_varint(&mut self.0)),
            1 => {
                let (bytes, rest) = self.0.split_first_chunk().expect("8 bytes of a double");
                self.0 = rest;
                Field::Double(f64::from_le_bytes(*bytes))
            }
            2 => Field::Bytes(delimited(&mut self.0)),
            wire_type => panic!("unknown wire type {wire_type}"),
        };
        Some((key >> 3, field))
    }
}

fn delimited<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let length = usize::try_from(take_varint(bytes)).expect("a length fits a usize");
    let (message, rest) = bytes
        .split_at_checked(length)
        .expect("a message ends before the input");
    *bytes = rest;
    message
}

fn take_varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().expect("a varint ends before the input");
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            break;
        }
    }
    value
}
