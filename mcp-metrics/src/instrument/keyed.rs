//! Recording by key through the `metrics` facade, without recursion into the program's own
//! recordings.

use std::sync::OnceLock;

use metrics::{Histogram, Key, Label, SharedString};

use super::dispatch::{Dispatch, METADATA};
use super::lost;
use crate::reentrancy;

/// Returns whether recordings on this thread have a recorder.
pub(crate) fn is_enabled() -> bool {
    !reentrancy::is_suppressed() && !matches!(Dispatch::get(), Dispatch::Noop)
}

/// Returns the key of a series, without the labels that have no value.
pub(crate) fn key<const N: usize>(
    family: &'static str,
    labels: [(&'static str, Option<SharedString>); N],
) -> Key {
    let mut all = Vec::with_capacity(N);
    let labels = labels.into_iter();
    all.extend(labels.filter_map(|(name, value)| Some(Label::new(name, value?))));
    Key::from_parts(family, all)
}

/// Adds one to a counter.
#[cfg(feature = "rmcp")]
pub(crate) fn increment(key: &Key) {
    if is_enabled() {
        let _guard = reentrancy::suppress();
        lost::count(key);
        metrics::with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(1);
    }
}

/// Adds an observation to a histogram.
pub(crate) fn observe(key: &Key, value: f64) {
    if is_enabled() {
        let _guard = reentrancy::suppress();
        lost::count(key);
        metrics::with_recorder(|recorder| recorder.register_histogram(key, &METADATA))
            .record(value);
    }
}

/// A series that is often recorded to, with its handle while the installed recorder is current.
///
/// Finding a series by its key takes longer than recording. Handles of other recorders are not
/// kept, since a recorder may be replaced.
#[derive(Debug)]
pub(crate) struct Kept<H> {
    key: Key,
    handle: OnceLock<H>,
}

impl<H> Kept<H> {
    pub(crate) const fn new(key: Key) -> Self {
        let handle = OnceLock::new();
        Self { key, handle }
    }

    /// Returns the key.
    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    /// Returns the handle, which `register` finds at the first call. The installed recorder must be
    /// current.
    #[cfg(feature = "rmcp")]
    pub(crate) fn handle(&self, register: impl FnOnce() -> H) -> &H {
        self.handle.get_or_init(register)
    }
}

impl Kept<Histogram> {
    /// Adds an observation.
    pub(crate) fn observe(&self, value: f64) {
        if reentrancy::is_suppressed() {
            return;
        }
        let _guard = reentrancy::suppress();
        let register =
            || metrics::with_recorder(|recorder| recorder.register_histogram(&self.key, &METADATA));
        match Dispatch::get() {
            Dispatch::FastPath(_) => self.handle.get_or_init(register).record(value),
            Dispatch::Facade => {
                lost::count(&self.key);
                register().record(value);
            }
            Dispatch::Noop => {}
        }
    }
}
