//! The series of call sites: what is read of them at one moment, and how it is printed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{Key, Label};

use super::{keys, print};
use crate::catalog::{self, Kind};
use crate::cells::{RequestCells, RequestCounts, RequestKeys, failed_key};
use crate::exposition::{Exposition, Printer};
use crate::histogram::Snapshot;

/// Cells, and how their series are printed.
#[derive(Debug)]
pub(super) struct Printed {
    pub(super) cells: Arc<RequestCells>,
    /// `agent="…",operation="…"`, with the labels of all series.
    pub(super) labels: Box<str>,
    /// How much of this are the labels of the family that has no operation; `None` if they aren't
    /// a part of it.
    agent: Option<u32>,
    /// If series may idle.
    pub(super) still: Option<Box<Still>>,
}

/// Requests started and ended together, and since when it has been so many.
#[derive(Debug)]
pub(super) struct Still {
    pub(super) moves: u64,
    pub(super) since: Instant,
}

/// What all cells held, each of them at one moment.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// In the order of the cells.
    sets: Vec<Reading>,
    /// Of all sets, one after the other, not cumulative.
    buckets: Vec<u64>,
    failed: Vec<(Cow<'static, str>, u64)>,
    /// Durations that were recorded elsewhere, by the labels of their series.
    elsewhere: BTreeMap<String, Snapshot>,
}

impl Readings {
    /// For so many sets, and what was recorded elsewhere.
    pub(super) fn new(sets: usize, elsewhere: BTreeMap<String, Snapshot>) -> Self {
        Self {
            sets: Vec::with_capacity(sets),
            elsewhere,
            ..Self::default()
        }
    }

    /// Adds what the next cells hold, and takes the failures out of it.
    pub(super) fn add(&mut self, counts: &mut RequestCounts, idles: bool) {
        let under_way = counts.under_way();
        let first = self.failed.len();
        counts.failed.sort_unstable();
        self.failed.append(&mut counts.failed);
        self.buckets.extend_from_slice(counts.buckets());
        self.sets.push(Reading {
            started: counts.started(),
            succeeded: counts.succeeded(),
            under_way,
            nanoseconds: counts.nanoseconds(),
            failed: first..self.failed.len(),
            idles,
        });
    }
}

/// What is read of one pair of agent and operation.
#[derive(Debug)]
struct Reading {
    started: u64,
    succeeded: u64,
    under_way: u64,
    nanoseconds: u64,
    /// Where its failures are.
    failed: Range<usize>,
    /// Whether nothing has moved for so long that it is not to be printed.
    idles: bool,
}

/// The series of all call sites, to be printed.
#[derive(Debug)]
pub(super) struct Series<'a> {
    pub(super) printed: &'a [Printed],
    pub(super) readings: Readings,
    pub(super) durations: print::Histogram,
    pub(super) buckets: usize,
    pub(super) globals: &'a [Label],
}

impl<'a> Series<'a> {
    /// Adds them to an exposition.
    pub(super) fn add_to<'b>(&'b self, exposition: &mut Exposition<'b>) {
        let printer = |name: &str, lines, print: Box<dyn Fn(&mut String) + 'b>| Printer {
            length: self.length(name, lines),
            print,
        };
        for name in [catalog::REQUESTS, catalog::REQUESTS_SUCCESS] {
            let print = Box::new(move |text: &mut String| self.print_counts(name, text));
            exposition.merge(name, printer(name, self.readings.sets.len(), print));
        }
        let name = catalog::REQUESTS_FAILED;
        let print = Box::new(|text: &mut String| self.print_failures(text));
        exposition.merge(name, printer(name, self.readings.failed.len(), print));
        let name = catalog::ACTIVE_OPERATIONS;
        let print = Box::new(|text: &mut String| self.print_active(text));
        exposition.merge(name, printer(name, self.readings.sets.len(), print));
        let name = catalog::REQUEST_DURATION;
        let print = Box::new(|text: &mut String| self.print_durations(text));
        // With what is there already among them, and two more lines for sum and count.
        let sets = self.readings.sets.len() + self.readings.elsewhere.len();
        exposition.replace(name, printer(name, sets * (self.buckets + 2), print));
    }

    /// About how long so many lines of a family are.
    fn length(&self, name: &str, lines: usize) -> usize {
        let labels: usize = self.printed.iter().map(|it| it.labels.len()).sum();
        // Besides name and labels a line has a value, and a label of its own where it is not among
        // those.
        let line = name.len() + labels.checked_div(self.printed.len()).unwrap_or(0) + 40;
        lines * line
    }

    /// What there is to print: the labels, and what was read.
    fn sets(&self) -> impl Iterator<Item = (&'a Printed, &Reading)> {
        let sets = self.printed.iter().zip(&self.readings.sets);
        sets.filter(|(_, reading)| !reading.idles)
    }

    fn print_counts(&self, name: &str, text: &mut String) {
        for (printed, reading) in self.sets() {
            let count = match name {
                catalog::REQUESTS => reading.started,
                _ => reading.succeeded,
            };
            print::line(text, [name, ""], &printed.labels, count);
        }
    }

    fn print_failures(&self, text: &mut String) {
        let name = [catalog::REQUESTS_FAILED, ""];
        let mut labels = String::new();
        let plain = self.globals.iter().all(|it| it.key() != "error_type");
        for (printed, reading) in self.sets() {
            for (error_type, count) in &self.readings.failed[reading.failed.clone()] {
                labels.clear();
                if plain && !error_type.contains(['\\', '"', '\n']) {
                    labels.extend([&printed.labels, ",error_type=\"", &**error_type, "\""]);
                } else {
                    let key = failed_key(&printed.cells.pair, error_type.clone());
                    labels.push_str(&labels_of(&key, self.globals));
                }
                print::line(text, name, &labels, *count);
            }
        }
    }

    /// Prints a line for each agent, with the idle ones: an operation under way is not idle.
    fn print_active(&self, text: &mut String) {
        let mut active = Active::default();
        for (printed, reading) in self.printed.iter().zip(&self.readings.sets) {
            let agent = printed.agent(self.globals);
            if *agent != active.agent {
                active.print(text);
                active.agent.push_str(&agent);
            }
            active.under_way += reading.under_way;
        }
        active.print(text);
    }

    fn print_durations(&self, text: &mut String) {
        let mut elsewhere = self.readings.elsewhere.iter().peekable();
        let print = |text: &mut String, (labels, more): (&String, &Snapshot)| {
            self.durations.print(text, labels, &more.counts, more.sum);
        };
        let mut both = Vec::new();
        let mut buckets = self.readings.buckets.chunks(self.buckets);
        for (printed, reading) in self.printed.iter().zip(&self.readings.sets) {
            let mut counts = buckets.next().unwrap_or_default();
            if reading.idles {
                continue;
            }
            let labels = &*printed.labels;
            // Those of others that come before, and the one that is the same.
            while let Some(other) = elsewhere.next_if(|(other, _)| other.as_str() < labels) {
                print(text, other);
            }
            let mut sum = Duration::from_nanos(reading.nanoseconds).as_secs_f64();
            if let Some((_, more)) = elsewhere.next_if(|(other, _)| other.as_str() == labels) {
                sum += more.sum;
                both.clear();
                both.extend(counts.iter().zip(&more.counts).map(|(a, b)| a + b));
                counts = &both;
            }
            self.durations.print(text, labels, counts, sum);
        }
        elsewhere.for_each(|other| print(text, other));
    }
}

/// What is under way of one agent, whose operations stand next to each other.
#[derive(Debug, Default)]
struct Active {
    /// The agent's labels; empty if there was none yet.
    agent: String,
    under_way: u64,
}

impl Active {
    /// Adds the agent's line and is ready for the next.
    fn print(&mut self, text: &mut String) {
        if !self.agent.is_empty() {
            let name = [catalog::ACTIVE_OPERATIONS, ""];
            print::line(text, name, &self.agent, self.under_way);
        }
        self.agent.clear();
        self.under_way = 0;
    }
}

impl Printed {
    pub(super) fn new(cells: Arc<RequestCells>, globals: &[Label]) -> Self {
        let request = RequestKeys::new(cells.pair.clone());
        let labels = labels_of(&request.started, globals);
        let agent = labels_of(&request.active, globals);
        Self {
            cells,
            agent: u32::try_from(agent.len())
                .ok()
                .filter(|_| labels.starts_with(&agent)),
            labels: labels.into(),
            still: None,
        }
    }

    /// The labels of the family that has no operation.
    fn agent(&self, globals: &[Label]) -> Cow<'_, str> {
        match self.agent {
            Some(length) => Cow::Borrowed(&self.labels[..length as usize]),
            None => {
                let request = RequestKeys::new(self.cells.pair.clone());
                Cow::Owned(labels_of(&request.active, globals))
            }
        }
    }

    /// Whether nothing has moved for so long.
    pub(super) fn idles(&mut self, counts: &RequestCounts, idle: Option<Duration>) -> bool {
        let Some(idle) = idle else {
            return false;
        };
        let moves = counts.moves();
        match &mut self.still {
            Some(still) if still.moves == moves => still.since.elapsed() > idle,
            still => {
                let since = Instant::now();
                *still = Some(Box::new(Still { moves, since }));
                false
            }
        }
    }
}

/// A key of ours, whose labels are in order, as the exporter prints its labels.
fn labels_of(key: &Key, globals: &[Label]) -> String {
    let (names, values) = keys::labels(key, key.name(), Kind::Counter);
    let labels = names.into_iter().zip(values);
    print::labels(&keys::exported(key.name().to_owned(), labels, globals))
}
