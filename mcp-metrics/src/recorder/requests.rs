//! The request families of an installed recorder: an index of the series, and their readings.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use metrics::Label;

use super::idle::IdleSince;
use super::labels::{globals_beside, render_catalogue_labels};
use super::request_readings::{Reading, RequestReadings};
use crate::instrument::GlobalRegistry;
use crate::snapshot::{HistogramSnapshot, Labels, Pairs};
use crate::storage::{Interned as _, RequestCounts, RequestSeries};

/// The labels of requests and of their failures.
const LABELS: &[&str] = &["agent", "operation"];
const AGENT: &[&str] = &["agent"];
const ERROR_TYPE: &str = "error_type";

/// The request series in label order.
#[derive(Debug, Default)]
pub(super) struct RequestIndex {
    entries: Vec<RequestEntry>,
    /// The global labels that those of requests, of failures and of active operations do not
    /// override.
    globals: Vec<Label>,
    failed_globals: Vec<Label>,
    active_globals: Vec<Label>,
    /// The rendered labels of failures, if a global label is named `error_type`. Otherwise they are
    /// those of requests with `error_type` added.
    failed_texts: Option<Vec<Box<str>>>,
    /// The rendered labels of active operations, if they are not a prefix of the requests'.
    active_texts: Option<Vec<Box<str>>>,
}

#[derive(Debug)]
struct RequestEntry {
    series: Arc<RequestSeries>,
    /// The rendered labels.
    text: Box<str>,
    /// The length of the part without the operation.
    agent: u32,
    idle: Option<Box<IdleSince>>,
}

impl RequestIndex {
    /// Updates the index to the current series, in label order.
    pub(super) fn update(&mut self, registry: &GlobalRegistry, globals: &[Label]) {
        let beside = |names: &[&str]| globals_beside(globals, |name| names.contains(&name));
        self.globals = beside(LABELS);
        self.active_globals = beside(AGENT);
        self.failed_globals = beside(&["agent", "operation", ERROR_TYPE]);
        let known = self.entries.drain(..);
        let mut known: HashMap<_, _> = known.map(|it| (Arc::as_ptr(&it.series), it)).collect();
        let all = registry.requests().all().into_iter();
        self.entries = all
            .map(|series| {
                known
                    .remove(&Arc::as_ptr(&series))
                    .unwrap_or_else(|| RequestEntry::new(series, &self.globals))
            })
            .collect();
        self.entries.sort_unstable_by(|a, b| a.text.cmp(&b.text));
        let texts = |globals: &[Label], names: &[&str]| {
            let render = |it: &RequestEntry| render(globals, names, &it.series).into();
            self.entries.iter().map(render).collect()
        };
        let differ = self.failed_globals.len() < self.globals.len();
        self.failed_texts = differ.then(|| texts(&self.failed_globals, LABELS));
        let differ = self.active_globals.len() > self.globals.len();
        self.active_texts = differ.then(|| texts(&self.active_globals, AGENT));
    }

    /// Reads all series. Those that are idle for longer than `idle` are not exported.
    pub(super) fn read(&mut self, idle: Option<Duration>) -> RequestReadings {
        let mut readings = RequestReadings {
            sets: Vec::with_capacity(self.entries.len()),
            ..RequestReadings::default()
        };
        let mut counts = RequestCounts::default();
        for entry in &mut self.entries {
            entry.series.snapshot_into(&mut counts);
            let is_idle = idle.is_some_and(|timeout| entry.is_idle(counts.updates(), timeout));
            readings.add(&mut counts, is_idle);
        }
        readings
    }

    /// Evicts series with dynamic labels that are idle for longer than `timeout`.
    pub(super) fn evict_idle(&self, registry: &GlobalRegistry, timeout: Duration) {
        let all = self.entries.iter();
        let all = all.map(|it| (Arc::as_ptr(&it.series), it.idle.as_deref().copied()));
        let idle = IdleSince::idle_series(all, timeout);
        if idle.is_empty() {
            return;
        }
        let mut counts = RequestCounts::default();
        let is_idle = |series: &RequestSeries| {
            idle.get(&std::ptr::from_ref(series))
                .is_some_and(|updates| {
                    series.snapshot_into(&mut counts);
                    counts.in_flight() == 0 && counts.updates() == *updates
                })
        };
        // Two references are the table's and this index's.
        registry
            .requests()
            .evict(2, is_idle, RequestSeries::release);
    }

    /// Returns the entries that are exported, with their readings.
    fn exported<'a>(
        &'a self,
        readings: &'a RequestReadings,
    ) -> impl Iterator<Item = (usize, &'a RequestEntry, &'a Reading)> {
        let all = self.entries.iter().zip(&readings.sets).enumerate();
        all.filter(|(_, (_, reading))| !reading.is_idle)
            .map(|(index, (entry, reading))| (index, entry, reading))
    }

    fn labels<'a>(&'a self, entry: &'a RequestEntry) -> Labels<'a> {
        Labels {
            text: &entry.text,
            pairs: Pairs::Catalogue {
                globals: &self.globals,
                names: LABELS,
                values: entry.series.values(),
            },
            extra: None,
        }
    }

    /// Returns the series of [`catalog::REQUESTS`].
    pub(super) fn started<'a>(
        &'a self,
        readings: &'a RequestReadings,
    ) -> impl Iterator<Item = (Labels<'a>, u64)> {
        self.exported(readings)
            .map(|(_, entry, reading)| (self.labels(entry), reading.started))
    }

    /// Returns the series of [`catalog::REQUESTS_SUCCESS`].
    pub(super) fn succeeded<'a>(
        &'a self,
        readings: &'a RequestReadings,
    ) -> impl Iterator<Item = (Labels<'a>, u64)> {
        self.exported(readings)
            .map(|(_, entry, reading)| (self.labels(entry), reading.succeeded))
    }

    /// Returns the series of [`catalog::REQUESTS_FAILED`].
    pub(super) fn failed<'a>(
        &'a self,
        readings: &'a RequestReadings,
    ) -> impl Iterator<Item = (Labels<'a>, u64)> {
        self.exported(readings)
            .flat_map(move |(index, entry, reading)| {
                let texts = self.failed_texts.as_ref();
                let text = texts.map_or(&entry.text, |texts| &texts[index]);
                let failed = readings.failed[reading.failed.clone()].iter();
                failed.map(move |(error_type, count)| {
                    let labels = Labels {
                        text,
                        pairs: Pairs::Catalogue {
                            globals: &self.failed_globals,
                            names: LABELS,
                            values: entry.series.values(),
                        },
                        extra: Some((ERROR_TYPE, error_type)),
                    };
                    (labels, *count)
                })
            })
    }

    /// Returns the series of [`catalog::ACTIVE_OPERATIONS`], idle ones as well: an operation in
    /// flight is not idle.
    pub(super) fn active<'a>(
        &'a self,
        readings: &'a RequestReadings,
    ) -> impl Iterator<Item = (Labels<'a>, f64)> {
        let mut all = self
            .entries
            .iter()
            .zip(&readings.sets)
            .enumerate()
            .peekable();
        std::iter::from_fn(move || {
            let (index, (entry, reading)) = all.next()?;
            let text = self.agent_text(index);
            let mut in_flight = reading.in_flight;
            // The operations of an agent are adjacent.
            while let Some((_, (_, reading))) =
                all.next_if(|(index, _)| self.agent_text(*index) == text)
            {
                in_flight += reading.in_flight;
            }
            let labels = Labels {
                text,
                pairs: Pairs::Catalogue {
                    globals: &self.active_globals,
                    names: AGENT,
                    values: &entry.series.values()[..1],
                },
                extra: None,
            };
            #[expect(clippy::cast_precision_loss, reason = "requests in flight are few")]
            Some((labels, in_flight as f64))
        })
    }

    /// Returns the series of [`catalog::REQUEST_DURATION`].
    pub(super) fn durations<'a>(
        &'a self,
        readings: &'a RequestReadings,
        bounds: &'a [f64],
    ) -> impl Iterator<Item = (Labels<'a>, HistogramSnapshot<'a>)> {
        let buckets = bounds.len() + 1;
        self.exported(readings).map(move |(index, entry, reading)| {
            let counts = &readings.buckets[index * buckets..][..buckets];
            let snapshot = HistogramSnapshot {
                bounds,
                counts: Cow::Borrowed(counts),
                sum: Duration::from_nanos(reading.nanoseconds).as_secs_f64(),
                decreases: false,
                #[cfg(feature = "protobuf")]
                native: [entry.series.native(), None],
            };
            (self.labels(entry), snapshot)
        })
    }

    fn agent_text(&self, index: usize) -> &str {
        match &self.active_texts {
            Some(texts) => &texts[index],
            None => {
                let entry = &self.entries[index];
                &entry.text[..entry.agent as usize]
            }
        }
    }
}

impl RequestEntry {
    fn new(series: Arc<RequestSeries>, globals: &[Label]) -> Self {
        let agent = render(globals, AGENT, &series).len();
        Self {
            text: render(globals, LABELS, &series).into(),
            // A label of 4 GiB cannot be exported, so its length does not matter.
            agent: u32::try_from(agent).unwrap_or(0),
            series,
            idle: None,
        }
    }

    fn is_idle(&mut self, updates: u64, timeout: Duration) -> bool {
        let mut idle = self.idle.as_deref().copied();
        let is_idle = IdleSince::is_idle(&mut idle, updates, timeout);
        if !is_idle {
            self.idle = idle.map(Box::new);
        }
        is_idle
    }
}

/// Renders the first labels of a series, after the global ones.
fn render(globals: &[Label], names: &[&str], series: &RequestSeries) -> String {
    render_catalogue_labels(globals, names, series.values())
}
