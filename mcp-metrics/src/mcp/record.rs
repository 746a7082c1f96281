//! Recording through the `metrics` facade, without recursion into the program's own recordings.

use metrics::{Gauge, Key, Label, SharedString};

use crate::instrument::{Dispatch, METADATA};
use crate::reentrancy;

/// Returns whether recordings on this thread have a recorder.
pub(super) fn is_enabled() -> bool {
    !reentrancy::is_suppressed() && !matches!(Dispatch::get(), Dispatch::Noop)
}

/// Returns the key of a series, without the labels that have no value.
pub(super) fn key<const N: usize>(
    family: &'static str,
    labels: [(&'static str, Option<SharedString>); N],
) -> Key {
    let labels = labels.into_iter();
    let labels = labels.filter_map(|(name, value)| Some(Label::new(name, value?)));
    Key::from_parts(family, labels.collect::<Vec<_>>())
}

/// Adds one to a counter.
pub(super) fn increment(key: &Key) {
    if is_enabled() {
        let _guard = reentrancy::suppress();
        metrics::with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(1);
    }
}

/// Adds an observation to a histogram.
pub(super) fn observe(key: &Key, value: f64) {
    if is_enabled() {
        let _guard = reentrancy::suppress();
        metrics::with_recorder(|recorder| recorder.register_histogram(key, &METADATA))
            .record(value);
    }
}

/// A gauge that this value has increased by one, until it is dropped.
pub(super) struct InFlight(Gauge);

impl InFlight {
    /// Increases a gauge by one.
    pub(super) fn start(key: &Key) -> Self {
        let _guard = reentrancy::suppress();
        let gauge = metrics::with_recorder(|recorder| recorder.register_gauge(key, &METADATA));
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let _guard = reentrancy::suppress();
        self.0.decrement(1.0);
    }
}
