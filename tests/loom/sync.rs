//! Replaces the library's module `sync` with loom's types.

pub(crate) use std::sync::PoisonError;

pub(crate) use loom::sync::atomic::Ordering;
pub(crate) use loom::sync::{Mutex, MutexGuard};

use loom::sync::atomic::{self, AtomicBool};

/// Loom's atomic with a workaround. Loom only tracks the last access of each atomic. If a thread
/// loads an atomic and then stores to it, loom therefore does not explore the store before another
/// thread's load.
#[derive(Debug, Default)]
pub(crate) struct AtomicU64 {
    value: atomic::AtomicU64,
    /// Modified with each load and store, so that loom explores all of their orders.
    used: AtomicBool,
}

impl AtomicU64 {
    pub(crate) fn load(&self, order: Ordering) -> u64 {
        self.used.swap(true, Ordering::Relaxed);
        self.value.load(order)
    }

    pub(crate) fn store(&self, value: u64, order: Ordering) {
        self.used.swap(true, Ordering::Relaxed);
        self.value.store(value, order);
    }

    pub(crate) fn fetch_add(&self, by: u64, order: Ordering) -> u64 {
        self.value.fetch_add(by, order)
    }
}

/// A `OnceLock` for loom, which has none. The threads of a model never run in parallel, so the
/// standard library's type can store the value; loom's atomic decides whether a thread sees it.
#[derive(Debug)]
pub(crate) struct OnceLock<T> {
    value: std::sync::OnceLock<T>,
    is_set: AtomicBool,
}

impl<T> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self {
            value: std::sync::OnceLock::new(),
            is_set: AtomicBool::new(false),
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.is_set
            .load(Ordering::Acquire)
            .then(|| self.value.get())?
    }

    pub(crate) fn get_or_init(&self, value: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let value = self.value.get_or_init(value);
        self.is_set.swap(true, Ordering::AcqRel);
        value
    }
}
