//! What threads share, in the place of the library's module of this name.

pub(crate) use std::sync::PoisonError;

pub(crate) use loom::sync::atomic::Ordering;
pub(crate) use loom::sync::{Mutex, MutexGuard};

use loom::sync::atomic::{self, AtomicBool};

/// Loom's, with a remedy: of each atomic it keeps in mind only who used it last, so that a store is
/// not tried before another thread's load if the storing thread has loaded it itself in between.
#[derive(Debug, Default)]
pub(crate) struct AtomicU64 {
    value: atomic::AtomicU64,
    /// Changed with each load and store, so that all of them are tried in all orders.
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

/// Loom has none. Threads of a model never really run at the same time, so the standard library's
/// can hold the value; that another thread sees it is up to loom.
#[derive(Debug)]
pub(crate) struct OnceLock<T> {
    value: std::sync::OnceLock<T>,
    there: AtomicBool,
}

impl<T> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self {
            value: std::sync::OnceLock::new(),
            there: AtomicBool::new(false),
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.there
            .load(Ordering::Acquire)
            .then(|| self.value.get())?
    }

    pub(crate) fn get_or_init(&self, value: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let value = self.value.get_or_init(value);
        self.there.swap(true, Ordering::AcqRel);
        value
    }
}
