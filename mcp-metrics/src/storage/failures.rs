//! The kinds of failure of a request series.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::request_shard::FAILURES;
use crate::sync::{AtomicU64, OnceLock, Ordering};

/// The `error_type` labels of a request series. The first [`FAILURES`] have a cell in each shard;
/// further ones are counted here.
#[derive(Debug)]
pub(super) struct Failures {
    /// The labels with a cell, in the order of their first failures.
    slots: Slots,
    rest: OnceLock<Box<RwLock<Counts>>>,
}

type Counts = HashMap<Cow<'static, str>, AtomicU64>;

/// A linked list, which uses no memory for labels that never occur.
type Slots = OnceLock<Box<Slot>>;

#[derive(Debug)]
struct Slot {
    label: Cow<'static, str>,
    next: Slots,
}

impl Failures {
    pub(super) fn new() -> Self {
        Self {
            slots: OnceLock::new(),
            rest: OnceLock::new(),
        }
    }

    /// Returns the labels that have a cell, in the order of their cells.
    pub(super) fn slot_labels(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        let slots = std::iter::successors(self.slots.get(), |slot| slot.next.get());
        slots.map(|slot| &slot.label)
    }

    /// Returns the cell of a label that has one.
    #[inline]
    pub(super) fn slot(&self, label: &str) -> Option<usize> {
        self.slot_labels()
            .position(|known| std::ptr::eq(&raw const **known, label) || known == label)
    }

    /// Returns whether a label is known.
    pub(super) fn is_known(&self, label: &str) -> bool {
        self.slot(label).is_some() || self.add_known(label, 0)
    }

    /// Adds a label that is not known, with a count of zero. Never called by two threads at once.
    pub(super) fn add(&self, label: Cow<'static, str>) {
        let mut slots = &self.slots;
        let mut used = 0;
        while let Some(slot) = slots.get() {
            slots = &slot.next;
            used += 1;
        }
        if used < FAILURES {
            let next = Slots::new();
            slots.get_or_init(|| Box::new(Slot { label, next }));
        } else {
            let rest = self.rest.get_or_init(Box::default);
            let mut rest = rest.write().unwrap_or_else(PoisonError::into_inner);
            rest.entry(label).or_default();
        }
    }

    /// Adds to the count of a known label without a cell; returns whether it is one.
    pub(super) fn add_known(&self, label: &str, by: u64) -> bool {
        let Some(rest) = self.rest.get() else {
            return false;
        };
        let rest = rest.read().unwrap_or_else(PoisonError::into_inner);
        let count = rest.get(label);
        if let Some(count) = count {
            count.fetch_add(by, Ordering::Release);
        }
        count.is_some()
    }

    /// Appends the labels without a cell and their counts.
    pub(super) fn rest_into(&self, counts: &mut Vec<(Cow<'static, str>, u64)>) {
        if let Some(rest) = self.rest.get() {
            let rest = rest.read().unwrap_or_else(PoisonError::into_inner);
            let counted = |count: &AtomicU64| count.load(Ordering::Acquire);
            counts.extend(rest.iter().map(|(label, it)| (label.clone(), counted(it))));
        }
    }
}
