//! Retry loops: counts their attempts, and drives those of `#[tracked_retry(attempts = …)]`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use metrics::SharedString;

use crate::instrument;

/// A counter of the attempts of one run of a retry loop.
///
/// An attempt that is followed by another has failed. The outcome of the last attempt is read from
/// the value that the loop or the function returns. A panic fails the last attempt, but the loop is
/// not exhausted. A cancellation neither fails the last attempt nor exhausts the loop.
#[derive(Debug)]
pub struct Attempts {
    service: SharedString,
    started: u32,
    last: AttemptState,
    left_failed: bool,
    gave_up: bool,
}

/// The state of the last attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AttemptState {
    /// There is no attempt, or its outcome is settled.
    None,
    /// It is in flight, or it has the outcome of the function.
    InFlight,
    /// It failed and has been counted.
    Failed,
}

impl Attempts {
    /// Creates a counter for a loop that calls `service`, without attempts.
    #[must_use]
    pub fn new(service: SharedString) -> Self {
        Self {
            service,
            started: 0,
            last: AttemptState::None,
            left_failed: false,
            gave_up: false,
        }
    }

    /// Begins another attempt. The previous one has failed.
    pub fn begin(&mut self) {
        self.fail();
        self.started = self.started.saturating_add(1);
        self.last = AttemptState::InFlight;
    }

    /// Counts a failed attempt, made by the condition of a `while let Err(…)` loop. Returns `true`,
    /// since it may be an operand of the condition.
    pub fn failed_attempt(&mut self) -> bool {
        self.begin();
        self.fail();
        true
    }

    /// Ends a `for` loop that has no items left: its last attempt has failed.
    pub fn exhausted(&mut self) {
        self.fail();
        self.gave_up = self.started > 0;
    }

    /// Ends a loop that was left with a value. `failed` is the outcome of the last attempt.
    pub fn broke_with(&mut self, failed: bool) {
        if failed {
            self.fail();
            self.left_failed = true;
        } else {
            self.last = AttemptState::None;
        }
    }

    /// Ends the function. An error is `transient` if another attempt might have succeeded.
    pub fn finish(mut self, failed: bool, transient: bool) {
        if failed {
            self.fail();
            self.gave_up |= transient && self.last == AttemptState::Failed;
        } else {
            // The loop failed, but the function recovered.
            self.gave_up |= self.left_failed;
        }
        self.last = AttemptState::None;
        if self.gave_up {
            instrument::retries_exhausted(self.service.clone());
        }
    }

    fn fail(&mut self) {
        if self.last == AttemptState::InFlight {
            instrument::retry_failed(self.service.clone(), self.started);
            self.last = AttemptState::Failed;
        }
    }
}

impl Drop for Attempts {
    fn drop(&mut self) {
        if thread::panicking() {
            self.fail();
        }
    }
}

/// Returns whether the `retry_if` of a retry loop selects this value for another attempt.
pub fn is_transient<T, E>(value: &Result<T, E>, retry_if: impl FnOnce(&E) -> bool) -> bool {
    value.as_ref().err().is_some_and(retry_if)
}

/// Fails to compile unless the value of a retry loop is a `Result`.
pub fn retries_result<T, E>(_: &Result<T, E>) {}

/// A flag that is set when a `for` loop runs out of items, rather than being left early.
///
/// Atomic, since a future that holds a reference to it must be `Send`.
#[derive(Debug, Default)]
pub struct RanOut(AtomicBool);

impl RanOut {
    /// Creates a flag that is not set.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Returns whether the loop ran out of items.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// An iterator that sets a flag when it is exhausted.
#[derive(Debug)]
pub struct Watched<'a, I> {
    items: I,
    ran_out: &'a RanOut,
}

/// Wraps the items of a `for` loop so that the flag is set when there are no more.
pub fn watch<I: IntoIterator>(ran_out: &RanOut, items: I) -> Watched<'_, I::IntoIter> {
    Watched {
        items: items.into_iter(),
        ran_out,
    }
}

impl<I: Iterator> Iterator for Watched<'_, I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let item = self.items.next();
        if item.is_none() {
            self.ran_out.0.store(true, Ordering::Relaxed);
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

/// The retry policy of `#[tracked_retry(attempts = …)]`, from its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The maximum number of attempts, including the first; at least one is made.
    pub attempts: u32,
    /// The pause after the first failed attempt.
    pub delay: Duration,
    /// The factor from each pause to the next; at least 1.
    pub factor: f32,
    /// The maximum length of a pause, before jitter.
    pub max_delay: Duration,
    /// Whether each pause is extended by a random duration of up to its own length.
    pub jitter: bool,
}

#[cfg(feature = "retry")]
mod drive {
    use std::time::Duration;

    use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
    use metrics::SharedString;

    use super::{Attempts, Policy};

    /// The attempts of a retry loop and the pauses between them.
    #[derive(Debug)]
    pub struct Retries {
        attempts: Attempts,
        delays: ExponentialBackoff,
    }

    impl Retries {
        /// Creates the attempts of a loop that calls `service`.
        #[must_use]
        pub fn new(service: SharedString, policy: Policy) -> Self {
            let times = usize::try_from(policy.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
            let mut delays = ExponentialBuilder::new()
                .with_min_delay(policy.delay.min(policy.max_delay))
                .with_max_delay(policy.max_delay)
                // `max` also replaces NaN.
                .with_factor(policy.factor.max(1.0))
                .with_max_times(times);
            if policy.jitter {
                delays = delays.with_jitter();
            }
            Self {
                attempts: Attempts::new(service),
                delays: delays.build(),
            }
        }

        /// Begins an attempt.
        pub fn begin(&mut self) {
            self.attempts.begin();
        }

        /// Ends an attempt with its outcome. Returns the pause before the next attempt, or `None`
        /// if there is none.
        pub fn next(&mut self, failed: bool, transient: bool) -> Option<Duration> {
            let delay = if failed && transient {
                self.delays.next()
            } else {
                None
            };
            if delay.is_none() {
                let attempts = std::mem::replace(&mut self.attempts, Attempts::new("".into()));
                attempts.finish(failed, transient);
            }
            delay
        }
    }

    /// Waits for `delay`: on tokio's clock inside a tokio runtime, on a timer thread elsewhere.
    pub async fn pause(delay: Duration) {
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::time::sleep(delay).await;
        } else {
            futures_timer::Delay::new(delay).await;
        }
    }
}

#[cfg(feature = "retry")]
pub use drive::{Retries, pause};
