//! A snapshot of all series, passed to an encoder.

use std::borrow::Cow;

use super::scrape::{FamilyEntry, Readings, ScrapeState, Value};
use super::series::Handle;
use crate::catalog::{self, Kind};
use crate::snapshot::{Descriptor, Encoder, HistogramSnapshot, Labels, merge};

/// A snapshot of all series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Snapshot<'a> {
    pub(super) state: &'a ScrapeState,
    pub(super) readings: &'a Readings,
}

impl<'a> Snapshot<'a> {
    /// Passes all families and series to an encoder.
    pub(super) fn encode(&self, encoder: &mut impl Encoder) {
        for family in &self.state.families {
            let mut facade = self.readings.facade[family.facade.clone()].iter();
            if family.id.is_none() && facade.all(Option::is_none) {
                continue;
            }
            encoder.family(&Descriptor {
                name: &family.name,
                catalogue_name: &family.catalogue_name,
                kind: family.kind,
                help: family.help.as_deref(),
                unit: family.unit,
            });
            self.encode_series(family, encoder);
        }
    }

    fn encode_series(&self, family: &'a FamilyEntry, encoder: &mut impl Encoder) {
        let Self { state, readings } = self;
        let requests = &state.requests;
        let read = &readings.requests;
        let counters = self.facade(family, |value| match value {
            Value::Counter(value) => Some(*value),
            _ => None,
        });
        let counter = |labels: Labels<'_>, value| encoder.counter(labels, value);
        let sum = u64::saturating_add;
        match (family.kind, &*family.catalogue_name) {
            (Kind::Counter, catalog::REQUESTS) => {
                merge(requests.started(read), counters, sum, counter);
            }
            (Kind::Counter, catalog::REQUESTS_SUCCESS) => {
                merge(requests.succeeded(read), counters, sum, counter);
            }
            (Kind::Counter, catalog::REQUESTS_FAILED) => {
                merge(requests.failed(read), counters, sum, counter);
            }
            (Kind::Counter, _) => {
                let range = family.counters.clone();
                let in_shards = state.counters.series(range, &readings.counters);
                merge(in_shards, counters, sum, counter);
                let floats = self.facade(family, |value| match value {
                    Value::FloatCounter(value) => Some(*value),
                    _ => None,
                });
                floats.for_each(|(labels, value)| encoder.float_counter(labels, value));
            }
            (Kind::Gauge, name) => {
                let gauges = self.facade(family, |value| match value {
                    Value::Gauge(value) => Some(*value),
                    _ => None,
                });
                let gauge = |labels: Labels<'_>, value| encoder.gauge(labels, value);
                if name == catalog::ACTIVE_OPERATIONS {
                    merge(requests.active(read), gauges, |a, b| a + b, gauge);
                } else {
                    gauges.for_each(|(labels, value)| encoder.gauge(labels, value));
                }
            }
            (Kind::Histogram, name) => {
                let histograms = self.histograms(family);
                let histogram = |labels: Labels<'_>, value: HistogramSnapshot<'_>| {
                    encoder.histogram(labels, &value);
                };
                if name == catalog::REQUEST_DURATION {
                    let durations = requests.durations(read, state.bounds.as_slice());
                    merge(durations, histograms, HistogramSnapshot::add, histogram);
                } else {
                    histograms.for_each(|(labels, value)| encoder.histogram(labels, &value));
                }
            }
        }
    }

    /// Returns the series of a family that were registered through the facade.
    fn facade<V>(
        &self,
        family: &'a FamilyEntry,
        value: fn(&'a Value) -> Option<V>,
    ) -> impl Iterator<Item = (Labels<'a>, V)> + use<'a, V> {
        let series = self.state.facade[family.facade.clone()].iter();
        let values = self.readings.facade[family.facade.clone()].iter();
        series
            .zip(values)
            .filter_map(move |(series, read)| Some((series.labels(), value(read.as_ref()?)?)))
    }

    fn histograms(
        &self,
        family: &'a FamilyEntry,
    ) -> impl Iterator<Item = (Labels<'a>, HistogramSnapshot<'a>)> + use<'a> {
        let buckets = &self.readings.buckets;
        let series = self.state.facade[family.facade.clone()].iter();
        let values = self.readings.facade[family.facade.clone()].iter();
        series.zip(values).filter_map(move |(series, read)| {
            let (
                Some(Value::Histogram {
                    buckets: range,
                    sum,
                }),
                Handle::Histogram(histogram),
            ) = (read, &series.handle)
            else {
                return None;
            };
            let snapshot = HistogramSnapshot {
                bounds: histogram.bounds().as_slice(),
                counts: Cow::Borrowed(&buckets[range.clone()]),
                sum: *sum,
                decreases: histogram.decreases(),
                #[cfg(feature = "protobuf")]
                native: [histogram.native(), None],
            };
            Some((series.labels(), snapshot))
        })
    }
}
