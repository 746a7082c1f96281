//! Retry loops: counting the attempts of one, and driving one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use metrics::SharedString;

use crate::instrument;

/// Counts the attempts of one run of a retry loop.
///
/// An attempt that is followed by another has failed. How the last one ended, the value says that
/// the loop or the function returns. A loop that a panic leaves has failed its last attempt but
/// has not given up; one that is cancelled has done neither.
#[derive(Debug)]
pub struct Attempts {
    service: SharedString,
    made: u32,
    last: Last,
    left_failed: bool,
    gave_up: bool,
}

/// What is known of the last attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// There was none, or it is settled.
    None,
    /// It is under way, or its outcome is the function's.
    Open,
    /// It failed and has been counted.
    Failed,
}

impl Attempts {
    /// No attempt yet at calling `service`.
    pub fn new(service: impl Into<SharedString>) -> Self {
        Self {
            service: service.into(),
            made: 0,
            last: Last::None,
            left_failed: false,
            gave_up: false,
        }
    }

    /// Another attempt begins; the one before it has failed.
    pub fn begin(&mut self) {
        self.fail();
        self.made = self.made.saturating_add(1);
        self.last = Last::Open;
    }

    /// An attempt was made, by the condition of a `while let Err(…)` loop, and has failed.
    pub fn begin_failed(&mut self) {
        self.begin();
        self.fail();
    }

    /// A `for` loop has no attempts left.
    pub fn ran_out(&mut self) {
        self.fail();
        self.gave_up = self.made > 0;
    }

    /// A loop was left with a value that says whether the last attempt failed.
    pub fn left(&mut self, failed: bool) {
        if failed {
            self.fail();
            self.left_failed = true;
        } else {
            self.last = Last::None;
        }
    }

    /// The function has returned: well, or with an error that another attempt might have cured.
    pub fn finish(mut self, failed: bool, transient: bool) {
        if failed {
            self.fail();
            self.gave_up |= transient && self.last == Last::Failed;
        } else {
            // The loop failed, and the function made up for it.
            self.gave_up |= self.left_failed;
        }
        self.last = Last::None;
        if self.gave_up {
            instrument::retries_exhausted(self.service.clone());
        }
    }

    fn fail(&mut self) {
        if self.last == Last::Open {
            instrument::retry_failed(self.service.clone(), self.made);
            self.last = Last::Failed;
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

/// Whether a `for` loop ran out of items, rather than being left before.
///
/// An atomic, since a future that holds a reference to it must be `Send`.
#[derive(Debug, Default)]
pub struct RanOut(AtomicBool);

impl RanOut {
    /// It has not yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Whether it did.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Passes on an iterator's items and notes when there are no more.
#[derive(Debug)]
pub struct Watched<'a, I> {
    items: I,
    ran_out: &'a RanOut,
}

/// Watches the items of a `for` loop.
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

#[cfg(feature = "retry")]
mod drive {
    use std::time::Duration;

    use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
    use metrics::SharedString;

    use super::Attempts;

    /// When to try again: what the arguments of `#[tracked_retry(attempts = …)]` say.
    #[derive(Clone, Copy, Debug)]
    pub struct Policy {
        /// Attempts in all, the first included; one is made in any case.
        pub attempts: u32,
        /// The pause after the first failed attempt.
        pub delay: Duration,
        /// What each pause is multiplied by to give the next; from 1 up.
        pub factor: f32,
        /// No pause is longer, before jitter.
        pub max_delay: Duration,
        /// Whether a random part of up to its own length is added to each pause.
        pub jitter: bool,
    }

    /// The attempts of a retry loop and the pauses between them.
    #[derive(Debug)]
    pub struct Retries {
        attempts: Attempts,
        delays: ExponentialBackoff,
    }

    impl Retries {
        /// A loop of calls of `service`.
        pub fn new(service: impl Into<SharedString>, policy: Policy) -> Self {
            let times = usize::try_from(policy.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
            let mut delays = ExponentialBuilder::new()
                .with_min_delay(policy.delay.min(policy.max_delay))
                .with_max_delay(policy.max_delay)
                // `max` also takes the place of NaN.
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

        /// An attempt begins.
        pub fn begin(&mut self) {
            self.attempts.begin();
        }

        /// How long to wait before the next attempt, after one that ended in this way; `None` if
        /// there is no next one.
        pub fn next(&mut self, failed: bool, transient: bool) -> Option<Duration> {
            let delay = if failed && transient {
                self.delays.next()
            } else {
                None
            };
            if delay.is_none() {
                let attempts = std::mem::replace(&mut self.attempts, Attempts::new(""));
                attempts.finish(failed, transient);
            }
            delay
        }
    }

    /// Waits, on tokio's clock inside a tokio runtime and on a timer thread elsewhere.
    pub async fn pause(delay: Duration) {
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::time::sleep(delay).await;
        } else {
            futures_timer::Delay::new(delay).await;
        }
    }
}

#[cfg(feature = "retry")]
pub use drive::{Policy, Retries, pause};
