//! The families of requests, printed straight from the call sites' cells.
//!
//! There may be further series of the same families, which somebody records through the `metrics`
//! facade, or under another recorder that hands them on. They are added.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::Key;

use super::histograms::Histograms;
use super::{keys, print};
use crate::catalog::{self, Kind};
use crate::cells::{RequestCells, RequestCounts, RequestKeys, failed_key};
use crate::exposition::Exposition;
use crate::site::{self, Installed};

/// What is known of the call sites from one render to the next.
#[derive(Debug, Default)]
pub(super) struct Requests {
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

/// The text of each family's series.
#[derive(Debug, Default)]
struct Texts {
    started: String,
    succeeded: String,
    failed: String,
    active: String,
    durations: String,
}

impl Requests {
    /// From now on the sites' cells are printed.
    pub(super) fn own_sites(&mut self) {
        self.owns_sites = true;
    }

    /// The histogram family that is printed here, with what histograms elsewhere hold of it.
    pub(super) fn durations(&self) -> Option<&'static str> {
        self.owns_sites.then_some(catalog::REQUEST_DURATION)
    }

    /// Adds the series of all sites.
    pub(super) fn render(
        &mut self,
        histograms: &Histograms,
        idle: Option<Duration>,
        exposition: &mut Exposition<'_>,
    ) {
        let Some(installed) = site::fast_path().filter(|_| self.owns_sites) else {
            return;
        };
        self.update(installed, histograms.global_labels());
        let texts = self.print(histograms, idle);
        for (name, text) in [
            (catalog::REQUESTS, texts.started),
            (catalog::REQUESTS_SUCCESS, texts.succeeded),
            (catalog::REQUESTS_FAILED, texts.failed),
            (catalog::ACTIVE_OPERATIONS, texts.active),
        ] {
            exposition.merge(name, text);
        }
        exposition.replace(catalog::REQUEST_DURATION, texts.durations);
        if let Some(idle) = idle {
            self.forget_idle(installed, idle);
        }
    }

    /// Drops what nobody uses any more and where nothing has moved for so long.
    fn forget_idle(&mut self, installed: &Installed, idle: Duration) {
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
                counts.started == counts.ended() && counts.moves() == *moves
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
    fn update(&mut self, installed: &Installed, globals: &[(String, String)]) {
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
                    .unwrap_or_else(|| Printed::new(cells, globals))
            })
            .collect();
        self.sorted.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
    }

    fn print(&mut self, histograms: &Histograms, idle: Option<Duration>) -> Texts {
        let mut texts = Texts::default();
        let duration = catalog::REQUEST_DURATION;
        let printer = print::Histogram::new(duration, histograms.bounds(duration).as_slice());
        let mut elsewhere = histograms.snapshots(duration);
        let globals = histograms.global_labels();
        let mut counts = RequestCounts::default();
        let mut active = Active::default();
        for printed in &mut self.sorted {
            printed.cells.read(&mut counts);
            let under_way = counts.started.saturating_sub(counts.ended());
            let agent = printed.agent(globals);
            if *agent != active.agent {
                active.print(&mut texts.active);
                active.agent.push_str(&agent);
            }
            active.under_way += under_way;
            if printed.idles(&counts, idle) {
                continue;
            }
            let labels = &*printed.labels;
            print::line(
                &mut texts.started,
                [catalog::REQUESTS, ""],
                labels,
                counts.started,
            );
            let succeeded = [catalog::REQUESTS_SUCCESS, ""];
            print::line(&mut texts.succeeded, succeeded, labels, counts.succeeded);
            printed.print_failures(&mut texts.failed, &mut counts.failed, globals);
            // Those of others that come before, and the one that is the same.
            while let Some(other) = elsewhere.first_entry().filter(|it| **it.key() < *labels) {
                let (labels, more) = other.remove_entry();
                printer.print(&mut texts.durations, &labels, &more.counts, more.sum);
            }
            let mut sum = Duration::from_nanos(counts.nanoseconds).as_secs_f64();
            if let Some(more) = elsewhere.remove(labels) {
                sum += more.sum;
                for (count, more) in counts.buckets.iter_mut().zip(&more.counts) {
                    *count += more;
                }
            }
            printer.print(&mut texts.durations, labels, &counts.buckets, sum);
        }
        for (labels, more) in elsewhere {
            printer.print(&mut texts.durations, &labels, &more.counts, more.sum);
        }
        active.print(&mut texts.active);
        texts
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
    fn new(cells: Arc<RequestCells>, globals: &[(String, String)]) -> Self {
        let request = RequestKeys::new(cells.pair.clone());
        let labels = print::labels(&printed(&request.started), globals);
        let agent = print::labels(&printed(&request.active), globals);
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
    fn agent(&self, globals: &[(String, String)]) -> Cow<'_, str> {
        match self.agent {
            Some(length) => Cow::Borrowed(&self.labels[..length as usize]),
            None => {
                let request = RequestKeys::new(self.cells.pair.clone());
                Cow::Owned(print::labels(&printed(&request.active), globals))
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

    fn print_failures(
        &self,
        text: &mut String,
        failed: &mut [(Cow<'static, str>, u64)],
        globals: &[(String, String)],
    ) {
        failed.sort_unstable();
        let name = [catalog::REQUESTS_FAILED, ""];
        let mut labels = String::new();
        for (error_type, count) in failed {
            labels.clear();
            let plain = !error_type.contains(['\\', '"', '\n']);
            if plain && globals.iter().all(|(global, _)| global != "error_type") {
                labels.extend([&self.labels, ",error_type=\"", &**error_type, "\""]);
            } else {
                let key = failed_key(&self.cells.pair, error_type.clone());
                labels.push_str(&print::labels(&printed(&key), globals));
            }
            print::line(text, name, &labels, *count);
        }
    }
}

/// A key of ours, whose labels are in order, as the exporter prints it.
fn printed(key: &Key) -> Key {
    let (names, values) = keys::labels(key, key.name(), Kind::Counter);
    keys::exported(key.name().to_owned(), names.into_iter().zip(values))
}
