//! The limit on distinct series per family.
//!
//! Label values that come from outside (model names, error types, dynamic agents) must not grow
//! the export without bound. A family takes new label sets up to its limit; after that, a new one
//! keeps those of its leading labels that are known and has the value [`OTHER`] in the rest, so
//! sums over the family stay whole and a known agent keeps its total.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use metrics::SharedString;

use crate::catalog::{self, Kind};

/// The label value that stands for every label set above the limit.
pub(crate) const OTHER: SharedString = SharedString::const_str("other");

/// Distinct series per family, unless the builder says otherwise.
pub(crate) const DEFAULT_LIMIT: usize = 1_000;

/// Whether a label set can grow in number while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Written in the source: as many as there are call sites, always admitted.
    Literal,
    /// Made at run time: admitted below the limit.
    Dynamic,
}

/// Decides which label sets get series of their own, per family.
#[derive(Debug)]
pub(crate) struct SeriesLimit {
    limit: usize,
    idle: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    kinds: HashMap<String, Kind>,
    families: HashMap<String, Rows>,
    /// Pairs of agent and operation, common to all request families, so that a request goes by
    /// the same names in each of them.
    requests: Rows,
    overflowed: HashMap<String, u64>,
    warned: HashSet<String>,
}

/// When a label set was last asked for; `None` if something else keeps its place.
type Seen = Option<Instant>;

/// The admitted label sets of one family.
#[derive(Debug, Default)]
struct Rows {
    rows: HashMap<Box<[SharedString]>, Seen>,
    /// The first value of each row of two, by which an unknown second one may be told.
    firsts: HashSet<SharedString>,
}

impl Rows {
    /// Admits `row` if it is known or there is room for it.
    fn admit(&mut self, row: &[SharedString], room: bool, seen: Seen) -> bool {
        if let Some(last) = self.rows.get_mut(row) {
            *last = last.and(seen);
            return true;
        }
        if room {
            self.rows.insert(row.into(), seen);
            self.firsts.extend(first(row).cloned());
        }
        room
    }

    /// How many leading values of `row` belong to a row that was admitted.
    fn known_prefix(&self, row: &[SharedString]) -> usize {
        usize::from(first(row).is_some_and(|first| self.firsts.contains(first)))
    }

    fn retain(&mut self, mut keep: impl FnMut(&[SharedString], Seen) -> bool) {
        self.rows.retain(|row, seen| keep(row, *seen));
        let firsts = self.rows.keys().filter_map(|row| first(row));
        self.firsts = firsts.cloned().collect();
    }
}

/// The first of two values.
fn first(row: &[SharedString]) -> Option<&SharedString> {
    match row {
        [first, _] => Some(first),
        _ => None,
    }
}

impl SeriesLimit {
    pub(crate) fn new(limit: usize, idle: Option<Duration>) -> Self {
        Self {
            limit,
            idle,
            state: Mutex::default(),
        }
    }

    /// How long series may idle before they are forgotten.
    pub(crate) fn idle(&self) -> Option<Duration> {
        self.idle
    }

    /// Gives `pair`, an agent and an operation, the names under which its requests are recorded
    /// in every family. Its place is kept until [`forget_request`](Self::forget_request).
    pub(crate) fn request(&self, pair: &mut [SharedString; 2], origin: Origin) {
        let overflowed = self.state().pair(self.limit, pair, origin, None);
        if overflowed {
            self.overflow(catalog::REQUESTS);
        }
    }

    /// Frees the place of a pair of agent and operation.
    pub(crate) fn forget_request(&self, pair: &[SharedString; 2]) {
        self.state().requests.retain(|row, _| row != pair);
    }

    /// Admits a failure whose label is written in the source.
    pub(crate) fn admit_failure(
        &self,
        [agent, operation]: &[SharedString; 2],
        label: &'static str,
    ) {
        let row = [agent.clone(), operation.clone(), label.into()];
        let mut state = self.state();
        let rows = state
            .families
            .entry(catalog::REQUESTS_FAILED.to_owned())
            .or_default();
        rows.admit(&row, true, None);
    }

    /// Gives `values` the names under which a series of `family` is recorded. The order of the
    /// values is the catalogue's for families that it has.
    pub(crate) fn series(&self, family: &str, values: &mut [SharedString]) {
        if values.is_empty() {
            return;
        }
        let seen = self.idle.map(|_| Instant::now());
        let mut state = self.state();
        let overflowed = match (family, &mut *values) {
            (catalog::REQUESTS, pair) => state.pair(self.limit, pair, Origin::Dynamic, seen),
            (catalog::REQUESTS_SUCCESS | catalog::REQUEST_DURATION, pair) => {
                // The request counter has told of this overflow already.
                state.pair(self.limit, pair, Origin::Dynamic, seen);
                false
            }
            (catalog::REQUESTS_FAILED, [pair @ .., _]) => {
                state.pair(self.limit, pair, Origin::Dynamic, seen);
                self.row(&mut state, family, values, seen, |_, row| row.len() - 1)
            }
            (catalog::ACTIVE_OPERATIONS, [agent]) => {
                let known = state.requests.firsts.contains(agent);
                !known && self.row(&mut state, family, values, seen, |_, _| 0)
            }
            _ if catalog::family(family).is_some() => {
                self.row(&mut state, family, values, seen, Rows::known_prefix)
            }
            // Labels of other crates come in no order of significance.
            _ => self.row(&mut state, family, values, seen, |_, _| 0),
        };
        drop(state);
        if overflowed {
            self.overflow(family);
        }
    }

    /// Whether a family with this name may record this kind: the first kind seen stays.
    pub(crate) fn kind_agrees(&self, family: &str, kind: Kind) -> bool {
        let mut state = self.state();
        if let Some(first) = state.kinds.get(family).copied() {
            let news = first != kind && state.warned.insert(family.to_owned());
            drop(state);
            if news {
                tracing::warn!(
                    family,
                    "the metric is a {} already and is not recorded as a {}; rename one of them",
                    first.as_str(),
                    kind.as_str(),
                );
            }
            return first == kind;
        }
        state.kinds.insert(family.to_owned(), kind);
        true
    }

    /// How many recordings went to [`OTHER`] since the last call, by family.
    pub(crate) fn take_overflowed(&self) -> HashMap<String, u64> {
        std::mem::take(&mut self.state().overflowed)
    }

    /// Admits `values` to `family`, or keeps as many of them as `keep` says; whether it had to.
    fn row(
        &self,
        state: &mut State,
        family: &str,
        values: &mut [SharedString],
        seen: Seen,
        keep: impl FnOnce(&Rows, &[SharedString]) -> usize,
    ) -> bool {
        if !state.families.contains_key(family) {
            state.families.insert(family.to_owned(), Rows::default());
        }
        let Some(rows) = state.families.get_mut(family) else {
            return false;
        };
        if rows.admit(values, rows.rows.len() < self.limit, seen) {
            return false;
        }
        if let (Some(idle), Some(now)) = (self.idle, seen) {
            rows.retain(|_, seen| seen.is_none_or(|seen| now.duration_since(seen) < idle));
            if rows.admit(values, rows.rows.len() < self.limit, Some(now)) {
                return false;
            }
        }
        let keep = keep(rows, values);
        values[keep..].fill(OTHER);
        true
    }

    /// Counts a recording that went to [`OTHER`] and warns of the family's first. Never called
    /// with the lock held: a log subscriber may record metrics of its own.
    fn overflow(&self, family: &str) {
        let news = {
            let mut state = self.state();
            *state.overflowed.entry(family.to_owned()).or_default() += 1;
            state.warned.insert(family.to_owned())
        };
        if news {
            tracing::warn!(
                family,
                limit = self.limit,
                "the metric is at its limit of label sets; new ones are counted under `other`",
            );
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Admits a pair of agent and operation or keeps what is known of it; whether it had to.
    fn pair(
        &mut self,
        limit: usize,
        pair: &mut [SharedString],
        origin: Origin,
        seen: Seen,
    ) -> bool {
        let room = origin == Origin::Literal || self.requests.rows.len() < limit;
        if self.requests.admit(pair, room, seen) {
            return false;
        }
        let keep = self.requests.known_prefix(pair);
        pair[keep..].fill(OTHER);
        true
    }
}
