//! The entries of the summary's lists, found by their labels.

use std::collections::HashMap;

use super::types::{CacheSummary, RequestSummary, RetrySummary};

/// The entries of one list of the summary.
///
/// The series of all families come in the same order, so the next entry is nearly always the one
/// after the last. Others are found in an index, which is built when one is first needed.
#[derive(Debug)]
pub(super) struct Entries<T> {
    all: Vec<T>,
    /// The index of the last entry found.
    at: usize,
    /// Whether the current family is the first: each of its series needs a new entry.
    is_first_family: bool,
    by_labels: HashMap<Labelled, usize>,
}

/// The labels of an entry. The second is empty if there is only one.
type Labelled = (String, String);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            at: 0,
            is_first_family: true,
            by_labels: HashMap::new(),
        }
    }
}

impl<T: Entry> Entries<T> {
    /// Restarts at the first entry, for the next family.
    pub(super) fn rewind(&mut self) {
        self.at = 0;
        self.is_first_family = self.all.is_empty();
    }

    /// Returns the entry with these labels, which is added if there is none.
    pub(super) fn get(&mut self, first: &str, second: &str) -> &mut T {
        let next = [self.at, self.at + 1];
        let is_next = |at: &usize| {
            let entry = self.all.get(*at);
            entry.is_some_and(|entry| entry.labels() == (first, second))
        };
        let known = next.into_iter().find(is_next);
        let known = known.or_else(|| {
            if self.is_first_family {
                return None;
            }
            if self.by_labels.len() < self.all.len() {
                let entries = self.all.iter().enumerate();
                self.by_labels = entries
                    .map(|(at, entry)| (owned(entry.labels()), at))
                    .collect();
            }
            self.by_labels.get(&owned((first, second))).copied()
        });
        self.at = known.unwrap_or_else(|| {
            self.all.push(T::new(first, second));
            self.all.len() - 1
        });
        &mut self.all[self.at]
    }

    /// Returns the entries, sorted by their labels.
    pub(super) fn sorted(mut self) -> Vec<T> {
        self.all.sort_by(|a, b| a.labels().cmp(&b.labels()));
        self.all
    }
}

fn owned((first, second): (&str, &str)) -> Labelled {
    (first.to_owned(), second.to_owned())
}

/// An entry of a list of the summary.
pub(super) trait Entry {
    fn new(first: &str, second: &str) -> Self;

    fn labels(&self) -> (&str, &str);
}

impl Entry for RequestSummary {
    fn new(agent: &str, operation: &str) -> Self {
        let (agent, operation) = owned((agent, operation));
        Self {
            agent,
            operation,
            ..Self::default()
        }
    }

    fn labels(&self) -> (&str, &str) {
        (&self.agent, &self.operation)
    }
}

impl Entry for CacheSummary {
    fn new(cache_type: &str, _: &str) -> Self {
        Self {
            cache_type: cache_type.to_owned(),
            ..Self::default()
        }
    }

    fn labels(&self) -> (&str, &str) {
        (&self.cache_type, "")
    }
}

impl Entry for RetrySummary {
    fn new(service: &str, _: &str) -> Self {
        Self {
            service: service.to_owned(),
            ..Self::default()
        }
    }

    fn labels(&self) -> (&str, &str) {
        (&self.service, "")
    }
}
