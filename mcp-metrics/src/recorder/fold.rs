//! What the call sites have counted, folded into the recorder: as increments since the last fold,
//! since a series may have other sources than one site.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use metrics::{Key, Recorder as _, SharedString};

use super::{Inner, keys};
use crate::catalog::Kind;
use crate::cells::{RequestCells, RequestCounts, RequestKeys, failed_key};
use crate::site::{self, METADATA};

/// What was folded so far.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// Whether the sites record into this recorder's cells.
    owns_sites: bool,
    folded: HashMap<[SharedString; 2], Folded>,
}

#[derive(Debug)]
struct Folded {
    counts: RequestCounts,
    changed: Instant,
}

impl Fold {
    /// From now on the sites' cells are folded.
    pub(super) fn own_sites(&mut self) {
        self.owns_sites = true;
    }

    /// Brings the recorder up to date.
    pub(super) fn run(&mut self, inner: &Inner) {
        let Some(installed) = site::fast_path().filter(|_| self.owns_sites) else {
            return;
        };
        for cells in installed.all_cells() {
            self.fold(inner, &cells);
        }
        if let Some(idle) = inner.idle_timeout {
            installed.forget_idle(|cells| self.is_idle(cells, idle));
            self.folded.retain(|pair, _| installed.has(pair));
        }
    }

    fn fold(&mut self, inner: &Inner, cells: &RequestCells) {
        let now = cells.counts();
        let keys = RequestKeys::new(cells.pair.clone());
        let folded = self.folded.entry(cells.pair.clone());
        let new = matches!(folded, std::collections::hash_map::Entry::Vacant(_));
        let folded = folded.or_insert_with(|| Folded {
            counts: RequestCounts::default(),
            changed: Instant::now(),
        });
        let before = &folded.counts;

        let add = |key: &Key, by: u64| {
            // A new series starts at zero; an old one that does not move may become idle.
            if by > 0 || new {
                inner
                    .prometheus
                    .register_counter(&printed(key), &METADATA)
                    .increment(by);
            }
        };
        add(&keys.started, now.started - before.started);
        add(&keys.succeeded, now.succeeded - before.succeeded);
        for (error_type, count) in &now.failed {
            let before = before.failed.get(error_type);
            let by = count - before.copied().unwrap_or(0);
            if by > 0 || before.is_none() {
                let key = failed_key(&cells.pair, Cow::clone(error_type));
                let counter = inner.prometheus.register_counter(&printed(&key), &METADATA);
                counter.increment(by);
            }
        }
        if now.buckets != before.buckets || new {
            let counts: Vec<u64> = now
                .buckets
                .iter()
                .zip(before.buckets.iter().chain(std::iter::repeat(&0)))
                .map(|(now, before)| now - before)
                .collect();
            let sum = Duration::from_nanos(now.nanoseconds.wrapping_sub(before.nanoseconds));
            let histogram = inner.histograms.get(printed(&keys.duration));
            histogram.add(&counts, sum.as_secs_f64());
        }
        let active = as_f64(now.started - now.ended()) - as_f64(before.started - before.ended());
        if active != 0.0 || new {
            inner
                .prometheus
                .register_gauge(&printed(&keys.active), &METADATA)
                .increment(active);
        }
        if now != *before {
            *folded = Folded {
                counts: now,
                changed: Instant::now(),
            };
        }
    }

    fn is_idle(&self, cells: &RequestCells, idle: Duration) -> bool {
        self.folded.get(&cells.pair).is_some_and(|folded| {
            folded.changed.elapsed() > idle
                && folded.counts.started == folded.counts.ended()
                && cells.counts() == folded.counts
        })
    }
}

/// A key of ours, whose labels are in order, as the exporter prints it.
fn printed(key: &Key) -> Key {
    let (names, values) = keys::labels(key, key.name(), Kind::Counter);
    keys::exported(key.name().to_owned(), names.into_iter().zip(values))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "fewer than 2^53 operations are active"
)]
fn as_f64(count: u64) -> f64 {
    count as f64
}
