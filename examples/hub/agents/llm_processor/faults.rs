//! Simulated faults of the local model, which never fails by itself. Without them, the hub would
//! record no retries.

use std::sync::atomic::{AtomicU64, Ordering};

use super::LlmError;

/// The share of calls that fail on purpose; 0 by default.
#[derive(Debug)]
pub(crate) struct Faults {
    /// The bits of an `f64`: the share of calls that fail, 0 to 1.
    rate: AtomicU64,
}

impl Faults {
    /// Creates faults for this share of calls.
    pub(super) fn new(rate: f64) -> Self {
        Self {
            rate: AtomicU64::new(rate.to_bits()),
        }
    }

    /// Returns the share of calls that fail.
    pub(crate) fn rate(&self) -> f64 {
        f64::from_bits(self.rate.load(Ordering::Relaxed))
    }

    /// Sets the share of calls that fail.
    pub(crate) fn set_rate(&self, rate: f64) {
        self.rate.store(rate.to_bits(), Ordering::Relaxed);
    }

    /// Fails at random with the configured probability, and with one of two errors, as real APIs
    /// fail in more than one way.
    pub(super) fn inject(&self) -> Result<(), LlmError> {
        let detail = || "simulated, see --llm-fault-rate".to_owned();
        if fastrand::f64() >= self.rate() {
            Ok(())
        } else if fastrand::bool() {
            Err(LlmError::RateLimited(detail()))
        } else {
            Err(LlmError::Unavailable(detail()))
        }
    }
}
