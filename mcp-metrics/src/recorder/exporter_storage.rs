//! The values of foreign counters and gauges, in metrics-exporter-prometheus.
//!
//! The exporter identifies a series only by a number. Its text is therefore short and needs no
//! unescaping, and names and labels are the same in all formats. Only this module parses text.

use std::time::Duration;

use metrics::{Counter, Gauge, Key, Label, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_util::MetricKindMask;

use crate::instrument::METADATA;

const COUNTER: &str = "c";
const GAUGE: &str = "g";
const ID: &str = "i";

/// The number of a series. A series that is evicted and registered again gets a new one.
pub(super) type SeriesId = u64;

/// Counters and gauges, by number.
#[derive(Debug)]
pub(super) struct ExporterStorage {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

/// A value that was read from the exporter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ExporterValue {
    Counter(u64),
    Gauge(f64),
}

impl ExporterStorage {
    /// Creates an empty storage. If it `evicts`, it drops a counter without recordings between two
    /// reads.
    pub(super) fn new(evicts: bool) -> Self {
        let timeout = evicts.then_some(Duration::ZERO);
        let recorder = PrometheusBuilder::new()
            .idle_timeout(MetricKindMask::COUNTER, timeout)
            .build_recorder();
        Self {
            handle: recorder.handle(),
            recorder,
        }
    }

    pub(super) fn counter(&self, id: SeriesId) -> Counter {
        self.recorder.register_counter(&key(COUNTER, id), &METADATA)
    }

    pub(super) fn gauge(&self, id: SeriesId) -> Gauge {
        self.recorder.register_gauge(&key(GAUGE, id), &METADATA)
    }

    /// Reads all values.
    pub(super) fn read(&self, mut value: impl FnMut(SeriesId, ExporterValue)) {
        for (id, read) in self.handle.render().lines().filter_map(parse) {
            value(id, read);
        }
    }
}

fn key(name: &'static str, id: SeriesId) -> Key {
    Key::from_parts(name, vec![Label::new(ID, id.to_string())])
}

/// Parses a line such as `c{i="12"} 34`; returns `None` for comments.
fn parse(line: &str) -> Option<(SeriesId, ExporterValue)> {
    let (name, rest) = line.split_once("{i=\"")?;
    let (id, value) = rest.split_once("\"} ")?;
    let value = match name {
        COUNTER => ExporterValue::Counter(value.parse().ok()?),
        GAUGE => ExporterValue::Gauge(value.parse().ok()?),
        _ => return None,
    };
    Some((id.parse().ok()?, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_values_are_read_back_unchanged() {
        let storage = ExporterStorage::new(false);
        storage.counter(7).increment(u64::MAX);
        let gauges = [1e300, 5e-324, -0.0, 0.1, f64::INFINITY, f64::NEG_INFINITY];
        for (id, gauge) in (10..).zip(gauges) {
            storage.gauge(id).set(gauge);
        }
        storage.gauge(9).set(f64::NAN);
        let mut read = Vec::new();
        storage.read(|id, value| read.push((id, value)));
        read.sort_by_key(|(id, _)| *id);
        assert_eq!(read[0], (7, ExporterValue::Counter(u64::MAX)));
        assert!(matches!(read[1], (9, ExporterValue::Gauge(nan)) if nan.is_nan()));
        let bits = |(id, value): &_| match value {
            ExporterValue::Gauge(value) => (*id, f64::to_bits(*value)),
            ExporterValue::Counter(_) => unreachable!("the counter has the lowest number"),
        };
        let read: Vec<(u64, u64)> = read[2..].iter().map(bits).collect();
        let expected: Vec<_> = (10..).zip(gauges.map(f64::to_bits)).collect();
        assert_eq!(read, expected);
    }
}
