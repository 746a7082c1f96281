//! The limit on distinct series per family.
//!
//! Label values from outside (model names, error types, dynamic agents) must not grow the export
//! without bound. A family admits label sets up to its limit. After that, a new set keeps those of
//! its leading values that are known and has the value [`OVERFLOW_LABEL`] in the rest, so that sums
//! over the family stay complete and a known agent keeps its total.
//!
//! A set is admitted once for each series that has it, and released when that series is evicted. So
//! a slot in the limit is free exactly when no series uses it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::SharedString;

use crate::catalog::{self, Namespace};

/// The label value of every label set above the limit.
pub(crate) const OVERFLOW_LABEL: SharedString = SharedString::const_str("other");

/// The default number of distinct series per family.
pub(crate) const DEFAULT_LIMIT: usize = 1_000;

/// Whether the number of label sets can grow while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LabelSource {
    /// Literals in the source: bounded by the number of callsites, always admitted.
    Static,
    /// Values that are known only at run time: admitted below the limit.
    Dynamic,
}

/// Decides which label sets get series of their own, per family.
#[derive(Debug)]
pub(crate) struct CardinalityLimiter {
    limit: usize,
    /// The namespace of the family names in the log.
    namespace: Namespace,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    families: HashMap<String, AdmittedSets>,
    /// Agents and operations, common to all request families, so that a request has the same
    /// labels in each of them.
    requests: AdmittedSets,
    overflowed: HashMap<String, u64>,
    warned: HashSet<String>,
}

/// The admitted label sets of one family.
#[derive(Debug, Default)]
struct AdmittedSets {
    /// Each with the number of series that have it.
    sets: HashMap<Box<[SharedString]>, usize>,
    /// The first values of sets of two, each with the number of sets that have it.
    leading_values: HashMap<SharedString, usize>,
}

impl AdmittedSets {
    /// Adds a series to a set. Returns whether the set is known or could be added.
    fn admit(&mut self, set: &[SharedString], limit: usize, source: LabelSource) -> bool {
        if let Some(series) = self.sets.get_mut(set) {
            *series += 1;
            return true;
        }
        let admitted = source == LabelSource::Static || self.sets.len() < limit;
        if admitted {
            self.sets.insert(set.into(), 1);
            if let Some(value) = leading_value(set) {
                *self.leading_values.entry(value.clone()).or_default() += 1;
            }
        }
        admitted
    }

    /// Removes a series from a set, and the set with its last series.
    fn release(&mut self, set: &[SharedString]) {
        let Some(series) = self.sets.get_mut(set) else {
            return;
        };
        *series -= 1;
        if *series > 0 {
            return;
        }
        self.sets.remove(set);
        if let Some(value) = leading_value(set)
            && let Some(sets) = self.leading_values.get_mut(value)
        {
            *sets -= 1;
            if *sets == 0 {
                self.leading_values.remove(value);
            }
        }
    }

    /// Returns how many leading values of `set` belong to an admitted set.
    fn known_prefix(&self, set: &[SharedString]) -> usize {
        let value = leading_value(set);
        usize::from(value.is_some_and(|value| self.leading_values.contains_key(value)))
    }
}

/// Returns the first of two values.
fn leading_value(set: &[SharedString]) -> Option<&SharedString> {
    match set {
        [first, _] => Some(first),
        _ => None,
    }
}

impl CardinalityLimiter {
    pub(crate) fn new(limit: usize, namespace: Namespace) -> Self {
        Self {
            limit,
            namespace,
            state: Mutex::default(),
        }
    }

    /// Replaces `values` by the label values under which a new series of `family` is recorded. The
    /// order is the catalogue's for families that it has. Returns whether the series has a slot,
    /// which the caller must [release](Self::release). If the values have changed, the caller must
    /// [count](Self::count_overflow) the recording as an overflow.
    pub(crate) fn admit(
        &self,
        family: &str,
        values: &mut [SharedString],
        source: LabelSource,
    ) -> bool {
        if values.is_empty() {
            return true;
        }
        self.state().admit(self.limit, family, values, source)
    }

    /// Removes an admitted series of `family` from the count.
    pub(crate) fn release(&self, family: &str, values: &[SharedString]) {
        let mut state = self.state();
        match (family, values) {
            (
                catalog::REQUESTS | catalog::REQUESTS_SUCCESS | catalog::REQUEST_DURATION,
                request,
            ) => state.requests.release(request),
            (catalog::REQUESTS_FAILED, [request @ .., _]) => {
                state.requests.release(request);
                state.family(family).release(values);
            }
            _ => state.family(family).release(values),
        }
    }

    /// Admits a failure of an admitted request, unless `is_known` selects its label, and calls
    /// `add` with the label under which it is recorded. Both are called under the lock, so that
    /// concurrent failures are admitted once.
    pub(crate) fn admit_failure(
        &self,
        mut failure: [SharedString; 3],
        source: LabelSource,
        is_known: impl Fn(&str) -> bool,
        add: impl FnOnce(&SharedString),
    ) -> SharedString {
        let family = catalog::REQUESTS_FAILED;
        let mut state = self.state();
        if is_known(&failure[2]) {
            let [_, _, label] = failure;
            return label;
        }
        let admitted = state.family(family).admit(&failure, self.limit, source);
        if !admitted {
            failure[2] = OVERFLOW_LABEL;
        }
        let [_, _, label] = failure;
        if admitted || !is_known(&label) {
            add(&label);
        }
        drop(state);
        if !admitted {
            self.count_overflow(family);
        }
        label
    }

    /// Removes a failure that [`admit_failure`](Self::admit_failure) admitted from the count.
    pub(crate) fn release_failure(&self, failure: &[SharedString; 3]) {
        self.state()
            .family(catalog::REQUESTS_FAILED)
            .release(failure);
    }

    /// Returns the recordings under [`OVERFLOW_LABEL`] since the last call, by family.
    pub(crate) fn drain_overflow_counts(&self) -> HashMap<String, u64> {
        std::mem::take(&mut self.state().overflowed)
    }

    /// Counts a recording under [`OVERFLOW_LABEL`] and logs the first of each family. Must be
    /// called without locks: a log subscriber may record metrics of its own.
    pub(crate) fn count_overflow(&self, family: &str) {
        if matches!(
            family,
            catalog::REQUESTS_SUCCESS | catalog::REQUEST_DURATION
        ) {
            // The request counter has counted the overflow already.
            return;
        }
        let is_first = {
            let mut state = self.state();
            *state.overflowed.entry(family.to_owned()).or_default() += 1;
            state.warned.insert(family.to_owned())
        };
        if is_first {
            tracing::warn!(
                family = &*self.namespace.exported_name(family),
                limit = self.limit,
                "cardinality limit reached; new label sets are counted under `other`",
            );
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn family(&mut self, family: &str) -> &mut AdmittedSets {
        self.families.entry(family.to_owned()).or_default()
    }

    /// Admits `values` or replaces those that are not known; returns whether they have a slot.
    fn admit(
        &mut self,
        limit: usize,
        family: &str,
        values: &mut [SharedString],
        source: LabelSource,
    ) -> bool {
        let keep = match (family, &mut *values) {
            (
                catalog::REQUESTS | catalog::REQUESTS_SUCCESS | catalog::REQUEST_DURATION,
                request,
            ) => {
                if self.requests.admit(request, limit, source) {
                    return true;
                }
                self.requests.known_prefix(request)
            }
            (catalog::REQUESTS_FAILED, [request @ .., _]) => {
                let has_slot = self.requests.admit(request, limit, source);
                if !has_slot {
                    let keep = self.requests.known_prefix(request);
                    request[keep..].fill(OVERFLOW_LABEL);
                }
                if self.family(family).admit(values, limit, source) {
                    return true;
                }
                let error_type = values.len() - 1;
                if has_slot {
                    self.requests.release(&values[..error_type]);
                }
                error_type
            }
            // The gauge of an agent with admitted requests needs no slot.
            (catalog::ACTIVE_OPERATIONS, [agent])
                if self.requests.leading_values.contains_key(agent) =>
            {
                return false;
            }
            _ => {
                let sets = self.family(family);
                if sets.admit(values, limit, source) {
                    return true;
                }
                // Labels of other crates have no order of significance.
                match catalog::family(family) {
                    Some(_) => sets.known_prefix(values),
                    None => 0,
                }
            }
        };
        values[keep..].fill(OVERFLOW_LABEL);
        false
    }
}
