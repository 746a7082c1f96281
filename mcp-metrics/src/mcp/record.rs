//! Requests in flight, and recording by key.

use metrics::{Gauge, Key};

pub(super) use crate::instrument::keyed::{Kept, increment, is_enabled, key, observe};
use crate::instrument::{Dispatch, METADATA};
use crate::reentrancy;

/// A gauge that this value has increased by one, until it is dropped.
pub(super) enum InFlight {
    Kept(&'static Gauge),
    Found(Gauge),
}

impl InFlight {
    /// Increases a gauge by one.
    pub(super) fn start(gauge: &'static Kept<Gauge>) -> Self {
        let _guard = reentrancy::suppress();
        let key = gauge.key();
        let register =
            || metrics::with_recorder(|recorder| recorder.register_gauge(key, &METADATA));
        let in_flight = match Dispatch::get() {
            Dispatch::FastPath(_) => Self::Kept(gauge.handle(register)),
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
