//! The families of requests, which are printed straight from the call sites' cells.
//!
//! There may be further series of the same families, which somebody records through the `metrics`
//! facade, or under another recorder that hands them on. They are added.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use metrics::Label;

use super::histograms::Histograms;
use super::print;
use super::series::{Printed, Readings, Series};
use crate::catalog;
use crate::cells::RequestCounts;
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
        let elsewhere = histograms.snapshots(catalog::REQUEST_DURATION);
        let mut readings = Readings::new(self.sorted.len(), elsewhere);
        let mut counts = RequestCounts::default();
        for printed in &mut self.sorted {
            printed.cells.read(&mut counts);
            let idles = printed.idles(&counts, idle);
            readings.add(&mut counts, idles);
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
