//! Notes about queries that probably do not ask for what is meant.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::instrument::lost::Watch;

/// What a recording observes for the messages of failed assertions.
#[derive(Debug)]
pub(super) struct Hints {
    pub(super) watch: Watch,
    /// The subjects of the notes that were printed.
    printed: Mutex<BTreeSet<String>>,
}

impl Hints {
    pub(super) fn new() -> Self {
        Self {
            watch: Watch::new(),
            printed: Mutex::default(),
        }
    }

    /// Prints a note to standard error, which test harnesses show if the test fails. A query may be
    /// repeated until a condition holds, so each subject has one note.
    pub(super) fn print(&self, subject: &str, note: impl FnOnce() -> Option<String>) {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        if printed.contains(subject) {
            return;
        }
        if let Some(note) = note() {
            printed.insert(subject.to_owned());
            // The harness captures the output of this macro only.
            eprintln!("note: {note}");
        }
    }
}
