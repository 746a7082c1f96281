//! Statics of the expansions that run before `main` collects, in one list per type.
//!
//! The crate `inventory` does the same, but its expansions allow `non_upper_case_globals`, which
//! does not compile in a crate that forbids this lint.

use std::iter::successors;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A type whose statics are collected.
pub trait Collected: Sync + 'static {
    /// Returns the list of the type.
    fn list() -> &'static List<Self>
    where
        Self: Sized;
}

/// The statics of one type.
#[derive(Debug)]
pub struct List<T: 'static>(Mutex<Option<&'static Entry<T>>>);

impl<T: Collected> List<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Returns the statics that were collected so far.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'static T> + use<T> {
        let first = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        successors(first, |entry| entry.next.get().copied().flatten()).map(|entry| entry.value)
    }
}

/// A place in a list.
#[derive(Debug)]
pub struct Entry<T: 'static> {
    value: &'static T,
    next: OnceLock<Option<&'static Self>>,
}

impl<T: Collected> Entry<T> {
    /// Creates an entry that is not in the list.
    #[must_use]
    pub const fn new(value: &'static T) -> Self {
        Self {
            value,
            next: OnceLock::new(),
        }
    }

    /// Adds the entry to the list of its type, unless it is in the list.
    pub fn collect(&'static self) {
        let mut first = T::list().0.lock().unwrap_or_else(PoisonError::into_inner);
        if self.next.set(*first).is_ok() {
            *first = Some(self);
        }
    }
}

/// Implements [`Collected`] for a type.
macro_rules! collected {
    ($type:ty) => {
        impl $crate::instrument::collected::Collected for $type {
            fn list() -> &'static $crate::instrument::collected::List<Self> {
                static LIST: $crate::instrument::collected::List<$type> =
                    $crate::instrument::collected::List::new();
                &LIST
            }
        }
    };
}

pub(super) use collected;
