//! The families of requests, printed straight from the call sites' cells.
//!
//! There may be further series of the same families, which somebody records through the `metrics`
//! facade, or under another recorder that hands them on. They are added.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{Key, Label};

use super::histograms::Histograms;
use super::{keys, print};
use crate::catalog::{self, Kind};
use crate::cells::{RequestCells, RequestCounts, RequestKeys, failed_key};
use crate::exposition::{Exposition, Printer};
use crate::histogram::Snapshot;
use crate::site::{self, Installed};

/// What is known of the call sites from one render to the next.
#[derive(Debug)]
pub(super) struct Requests {
    /// Labels of all series.
    globals: Vec<Label>,
    /// Whether the sites record into this recorder's cells.
    owns_sites: bool,
    /// The cells in the order of their labels, and which set of cells that is.
    sorted: Vec<Printed>,
    generation: usize,
}

/// Cells, and how their series are printed.
#[derive(Debug)]
struct Printed {
    cells: Arc<RequestCells>,
    /// `agent="…",operation="…"`, with the labels of all series.
    labels: Box<str>,
    /// How much of this are the labels of the family that has no operation; `None` if they aren't
    /// a part of it.
    agent: Option<u32>,
    /// If series may idle.
    still: Option<Box<Still>>,
}

/// Requests started and ended together, and since when it has been so many.
#[derive(Debug)]
struct Still {
    moves: u64,
    since: Instant,
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
    printed: &'a [Printed],
    readings: Readings,
    durations: print::Histogram,
    buckets: usize,
    globals: &'a [Label],
}

impl Requests {
    pub(super) const fn new(globals: Vec<Label>) -> Self {
        Self {
            globals,
            owns_sites: false,
            sorted: Vec::new(),
            generation: 0,
        }
    }

    /// From now on the sites' cells are printed.
    pub(super) fn own_sites(&mut self) {
        self.owns_sites = true;
    }

    /// The histogram family that is printed here, with what histograms elsewhere hold of it.
    pub(super) fn durations(&self) -> Option<&'static str> {
        self.owns_sites.then_some(catalog::REQUEST_DURATION)
    }

    /// Reads all cells, if they are printed here.
    pub(super) fn read(
        &mut self,
        histograms: &Histograms,
        idle: Option<Duration>,
    ) -> Option<Readings> {
        let installed = site::fast_path().filter(|_| self.owns_sites)?;
        self.update(installed);
        let mut readings = Readings {
            sets: Vec::with_capacity(self.sorted.len()),
            elsewhere: histograms.snapshots(catalog::REQUEST_DURATION),
            ..Readings::default()
        };
        let mut counts = RequestCounts::default();
        for printed in &mut self.sorted {
            printed.cells.read(&mut counts);
            let first = readings.failed.len();
            let idles = printed.idles(&counts, idle);
            let under_way = counts.under_way();
            counts.failed.sort_unstable();
            readings.failed.append(&mut counts.failed);
            readings.buckets.extend_from_slice(counts.buckets());
            readings.sets.push(Reading {
                started: counts.started(),
                succeeded: counts.succeeded(),
                under_way,
                nanoseconds: counts.nanoseconds(),
                failed: first..readings.failed.len(),
                idles,
            });
        }
        Some(readings)
    }

    /// The series of what was read.
    pub(super) fn series<'a>(
        &'a self,
        readings: Readings,
        histograms: &'a Histograms,
    ) -> Series<'a> {
        let name = catalog::REQUEST_DURATION;
        let bounds = histograms.bounds(name);
        Series {
            printed: &self.sorted,
            readings,
            durations: print::Histogram::new(name, bounds.as_slice()),
            buckets: bounds.buckets(),
            globals: &self.globals,
        }
    }

    /// Drops what nobody uses any more and where nothing has moved for so long.
    pub(super) fn forget_idle(&mut self, idle: Option<Duration>) {
        let installed = site::fast_path().filter(|_| self.owns_sites);
        let (Some(installed), Some(idle)) = (installed, idle) else {
            return;
        };
        let still = self.sorted.iter().filter_map(|it| {
            let still = it.still.as_ref()?;
            (still.since.elapsed() > idle).then_some((Arc::as_ptr(&it.cells), still.moves))
        });
        let moves: HashMap<_, _> = still.collect();
        let mut counts = RequestCounts::default();
        // The map holds the cells, and this list.
        installed.forget(2, |cells| {
            moves.get(&std::ptr::from_ref(cells)).is_some_and(|moves| {
                cells.read(&mut counts);
                counts.under_way() == 0 && counts.moves() == *moves
            })
        });
        self.sorted.retain(|it| Arc::strong_count(&it.cells) > 1);
    }

    /// The cells of native histograms, by the labels of their series.
    #[cfg(feature = "protobuf")]
    pub(super) fn natives(&self) -> impl Iterator<Item = (&str, Vec<u64>)> {
        let printed = self.sorted.iter();
        printed.map(|it| (&*it.labels, it.cells.native()))
    }

    /// Sorts the cells anew if some have come.
    fn update(&mut self, installed: &Installed) {
        let generation = installed.generation();
        if generation == self.generation {
            return;
        }
        self.generation = generation;
        let known = self.sorted.drain(..);
        let mut known: HashMap<_, _> = known.map(|it| (Arc::as_ptr(&it.cells), it)).collect();
        let all = installed.all_cells().into_iter();
        self.sorted = all
            .map(|cells| {
                known
                    .remove(&Arc::as_ptr(&cells))
                    .unwrap_or_else(|| Printed::new(cells, &self.globals))
            })
            .collect();
        self.sorted.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
    }
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
    fn new(cells: Arc<RequestCells>, globals: &[Label]) -> Self {
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
    fn idles(&mut self, counts: &RequestCounts, idle: Option<Duration>) -> bool {
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
