//! Pretended faults of the local model: it never fails by itself, and a hub whose calls all succeed
//! shows nothing of retries.

use std::sync::atomic::{AtomicU64, Ordering};

use super::LlmError;

/// How often calls fail on purpose. Off (0) unless the command line says otherwise.
#[derive(Debug)]
pub(crate) struct Faults {
    /// The bits of an `f64`: the share of calls that fail, 0 to 1.
    rate: AtomicU64,
}

impl Faults {
    /// Lets this share of calls fail.
    pub(super) fn new(rate: f64) -> Self {
        Self {
            rate: AtomicU64::new(rate.to_bits()),
        }
    }

    /// The share of calls that fail.
    pub(crate) fn rate(&self) -> f64 {
        f64::from_bits(self.rate.load(Ordering::Relaxed))
    }

    /// Changes the share of calls that fail.
    pub(crate) fn set_rate(&self, rate: f64) {
        self.rate.store(rate.to_bits(), Ordering::Relaxed);
    }

    /// Rolls the dice for one call. Real APIs fail in more than one way, so these do too.
    pub(super) fn strike(&self) -> Result<(), LlmError> {
        let detail = || "pretended, see --llm-fault-rate".to_owned();
        if fastrand::f64() >= self.rate() {
            Ok(())
        } else if fastrand::bool() {
            Err(LlmError::RateLimited(detail()))
        } else {
            Err(LlmError::Unavailable(detail()))
        }
    }
}
