//! The counter families of an installed recorder: an index of the series, and their readings.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use metrics::Label;

use super::idle::IdleSince;
use super::labels::{globals_beside, render_catalogue_labels};
use crate::catalog::FamilyId;
use crate::instrument::GlobalRegistry;
use crate::snapshot::{Labels, Pairs};
use crate::storage::{CounterSeries, Interned as _};

/// The series of counter families, by family, then in label order.
#[derive(Debug, Default)]
pub(super) struct CounterIndex {
    entries: Vec<CounterEntry>,
    /// The global labels that those of each family do not override.
    globals: HashMap<FamilyId, Vec<Label>>,
}

#[derive(Debug)]
struct CounterEntry {
    series: Arc<CounterSeries>,
    /// The rendered labels.
    text: Box<str>,
    idle: Option<IdleSince>,
}

impl CounterIndex {
    /// Updates the index to the current series.
    pub(super) fn update(&mut self, registry: &GlobalRegistry, globals: &[Label]) {
        let known = self.entries.drain(..);
        let mut known: HashMap<_, _> = known.map(|it| (Arc::as_ptr(&it.series), it)).collect();
        let all = registry.counters().all().into_iter();
        let families = &mut self.globals;
        self.entries = all
            .map(|series| {
                let globals = families.entry(series.family()).or_insert_with(|| {
                    let names = series.family().family().labels;
                    globals_beside(globals, |name| names.contains(&name))
                });
                known
                    .remove(&Arc::as_ptr(&series))
                    .unwrap_or_else(|| CounterEntry {
                        text: render(globals, &series).into(),
                        series,
                        idle: None,
                    })
            })
            .collect();
        let key = |it: &CounterEntry| it.series.family().index();
        self.entries
            .sort_unstable_by(|a, b| (key(a), &a.text).cmp(&(key(b), &b.text)));
    }

    /// Returns the range of a family's series.
    pub(super) fn family(&self, family: FamilyId) -> Range<usize> {
        let index = |it: &CounterEntry| it.series.family().index();
        let start = self
            .entries
            .partition_point(|it| index(it) < family.index());
        let end = self
            .entries
            .partition_point(|it| index(it) <= family.index());
        start..end
    }

    /// Reads all series; returns `None` for those that are idle for longer than `idle`. A counter
    /// without labels is always exported.
    pub(super) fn read(&mut self, idle: Option<Duration>) -> Vec<Option<u64>> {
        let mut buffer = Vec::new();
        let read = |entry: &mut CounterEntry| {
            let value = entry.series.value(&mut buffer);
            let is_idle = idle.is_some_and(|timeout| {
                let has_labels = !entry.series.values().is_empty();
                has_labels && IdleSince::is_idle(&mut entry.idle, value, timeout)
            });
            (!is_idle).then_some(value)
        };
        self.entries.iter_mut().map(read).collect()
    }

    /// Evicts series with dynamic labels that are idle for longer than `timeout`.
    pub(super) fn evict_idle(&self, registry: &GlobalRegistry, timeout: Duration) {
        let all = self.entries.iter();
        let all = all.map(|it| (Arc::as_ptr(&it.series), it.idle));
        let idle = IdleSince::idle_series(all, timeout);
        if idle.is_empty() {
            return;
        }
        let mut buffer = Vec::new();
        let is_idle = |series: &CounterSeries| {
            let updates = idle.get(&std::ptr::from_ref(series));
            updates.is_some_and(|updates| series.value(&mut buffer) == *updates)
        };
        // Two references are the table's and this index's.
        registry.counters().evict(2, is_idle, |series| {
            registry.release_counter(series.family(), series.values());
        });
    }

    /// Returns the series in a range that are exported, with their values.
    pub(super) fn series<'a>(
        &'a self,
        range: Range<usize>,
        values: &'a [Option<u64>],
    ) -> impl Iterator<Item = (Labels<'a>, u64)> {
        let entries = self.entries[range.clone()].iter().zip(&values[range]);
        entries.filter_map(|(entry, value)| {
            let family = entry.series.family();
            let labels = Labels {
                text: &entry.text,
                pairs: Pairs::Catalogue {
                    globals: self.globals.get(&family).map_or(&[][..], Vec::as_slice),
                    names: family.family().labels,
                    values: entry.series.values(),
                },
                extra: None,
            };
            Some((labels, (*value)?))
        })
    }
}

fn render(globals: &[Label], series: &CounterSeries) -> String {
    render_catalogue_labels(globals, series.family().family().labels, series.values())
}
