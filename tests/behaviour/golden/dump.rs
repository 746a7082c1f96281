//! Writes a decoded protobuf exposition as text: a line per family and a line per series.

use std::fmt::Write as _;

use crate::wire::{Family, Histogram, Metric, Native};

/// Writes all families in their order.
pub(crate) fn text(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        write_family(&mut text, family);
    }
    text
}

fn write_family(text: &mut String, family: &Family) {
    let kind = match family.kind {
        0 => "COUNTER",
        1 => "GAUGE",
        3 => "UNTYPED",
        4 => "HISTOGRAM",
        kind => panic!("unknown type {kind} of {}", family.name),
    };
    let _ = write!(text, "# {} {kind}", family.name);
    if let Some(help) = &family.help {
        let _ = write!(text, " {help:?}");
    }
    text.push('\n');
    for metric in &family.metrics {
        text.push_str(&family.name);
        write_metric(text, metric);
        text.push('\n');
    }
}

fn write_metric(text: &mut String, metric: &Metric) {
    let labels = metric.labels.iter();
    let labels: Vec<_> = labels
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    let _ = write!(text, "{{{}}}", labels.join(","));
    if !metric.field.is_empty() {
        let value = metric.value.as_deref().unwrap_or("<absent>");
        let _ = write!(text, " {}={value}", metric.field);
    }
    if let Some(histogram) = &metric.histogram {
        write_histogram(text, histogram);
    }
}

fn write_histogram(text: &mut String, histogram: &Histogram) {
    write_optional(text, "count", histogram.count);
    write_optional(text, "sum", histogram.sum.as_deref());
    let buckets = histogram.buckets.iter().map(|(bound, count)| {
        let or_absent = |value: Option<String>| value.unwrap_or_else(|| "<absent>".to_owned());
        let bound = or_absent(bound.map(|bound| bound.to_string()));
        format!("{bound}:{}", or_absent(count.map(|it| it.to_string())))
    });
    write_list(text, "buckets", buckets);
    write_native(text, &histogram.native);
}

fn write_native(text: &mut String, native: &Native) {
    write_optional(text, "schema", native.schema);
    write_optional(text, "zero_threshold", native.zero_threshold);
    if native.is_masked {
        text.push_str(" zero_count,spans,deltas=<masked>");
        return;
    }
    write_optional(text, "zero_count", native.zero_count);
    let spans = native.spans.iter();
    write_list(
        text,
        "spans",
        spans.map(|(offset, length)| format!("{offset}:{length}")),
    );
    write_list(
        text,
        "deltas",
        native.deltas.iter().map(ToString::to_string),
    );
}

fn write_optional(text: &mut String, name: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        let _ = write!(text, " {name}={value}");
    }
}

fn write_list(text: &mut String, name: &str, values: impl Iterator<Item = String>) {
    let values: Vec<_> = values.collect();
    let _ = write!(text, " {name}=[{}]", values.join(" "));
}
