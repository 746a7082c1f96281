//! Logging of values that become unavailable.

use std::fmt::Display;

/// Whether a value is available. Logs each change once.
#[derive(Debug)]
pub(super) struct Availability {
    value: &'static str,
    is_available: bool,
}

impl Availability {
    /// Creates the state of `value`, a phrase such as `CPU usage`. Nothing is logged while the
    /// value is available from the beginning.
    pub(super) const fn new(value: &'static str) -> Self {
        Self {
            value,
            is_available: true,
        }
    }

    /// Records that the value is available.
    pub(super) fn found(&mut self) {
        if !std::mem::replace(&mut self.is_available, true) {
            tracing::info!("{} available again", self.value);
        }
    }

    /// Records that the value is not available.
    pub(super) fn lost(&mut self, reason: &dyn Display) {
        if std::mem::replace(&mut self.is_available, false) {
            tracing::warn!(%reason, "{} unavailable; its metrics are left out", self.value);
        }
    }
}
