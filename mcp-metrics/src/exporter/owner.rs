//! Detects that the process was forked after the exporter was installed.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

/// The process in which an exporter was installed. Only this process has its threads: after a
/// `fork`, the child has a copy of their handles, but only the thread that forked.
#[derive(Debug)]
pub(super) struct Owner {
    process: u32,
    reported: AtomicBool,
}

impl Owner {
    /// Returns the current process.
    pub(super) fn current() -> Self {
        Self {
            process: process::id(),
            reported: AtomicBool::new(false),
        }
    }

    /// Returns whether this is the process of the exporter. Logs an error once if it is a child.
    pub(super) fn is_current(&self) -> bool {
        if self.process == process::id() {
            return true;
        }
        if !self.reported.swap(true, Ordering::Relaxed) {
            tracing::error!(
                installed_in = self.process,
                "the process was forked after the metrics exporter was installed; its endpoint, \
                 sampler and pushes do not run in this process; fork first, then install"
            );
        }
        false
    }
}
