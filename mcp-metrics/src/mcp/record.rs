//! Recording through the `metrics` facade, without recursion into the program's own recordings.

use std::sync::OnceLock;

use metrics::{Gauge, Histogram, Key, Label, SharedString};

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
    let mut all = Vec::with_capacity(N);
    let labels = labels.into_iter();
    all.extend(labels.filter_map(|(name, value)| Some(Label::new(name, value?))));
    Key::from_parts(family, all)
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

/// A series that is often recorded to, with its handle while the installed recorder is current.
///
/// Finding a series by its key takes longer than recording. Handles of other recorders are not
/// kept, since a recorder may be replaced.
#[derive(Debug)]
pub(super) struct Kept<H> {
    key: Key,
    handle: OnceLock<H>,
}

impl<H> Kept<H> {
    pub(super) const fn new(key: Key) -> Self {
        let handle = OnceLock::new();
        Self { key, handle }
    }
}

impl Kept<Histogram> {
    /// Adds an observation.
    pub(super) fn observe(&self, value: f64) {
        if reentrancy::is_suppressed() {
            return;
        }
        let _guard = reentrancy::suppress();
        let register =
            || metrics::with_recorder(|recorder| recorder.register_histogram(&self.key, &METADATA));
        match Dispatch::get() {
            Dispatch::FastPath(_) => self.handle.get_or_init(register).record(value),
            Dispatch::Facade => register().record(value),
            Dispatch::Noop => {}
        }
    }
}

/// A gauge that this value has increased by one, until it is dropped.
pub(super) enum InFlight {
    Kept(&'static Gauge),
    Found(Gauge),
}

impl InFlight {
    /// Increases a gauge by one.
    pub(super) fn start(gauge: &'static Kept<Gauge>) -> Self {
        let _guard = reentrancy::suppress();
        let register =
            || metrics::with_recorder(|recorder| recorder.register_gauge(&gauge.key, &METADATA));
        let in_flight = match Dispatch::get() {
            Dispatch::FastPath(_) => Self::Kept(gauge.handle.get_or_init(register)),
            Dispatch::Facade | Dispatch::Noop => Self::Found(register()),
        };
        in_flight.gauge().increment(1.0);
        in_flight
    }

    /// Increases the gauge of a series that is rarely recorded to.
    pub(super) fn of(key: &Key) -> Self {
        let _guard = reentrancy::suppress();
        let gauge = metrics::with_recorder(|recorder| recorder.register_gauge(key, &METADATA));
        gauge.increment(1.0);
        Self::Found(gauge)
    }

    const fn gauge(&self) -> &Gauge {
        match self {
            Self::Kept(gauge) => gauge,
            Self::Found(gauge) => gauge,
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let _guard = reentrancy::suppress();
        self.gauge().decrement(1.0);
    }
}
