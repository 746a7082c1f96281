//! Requests under a recorder that is not the installed one.

use std::borrow::Cow;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};

use super::facade_keys::{FacadeKeys, failed_key};
use crate::instrument::{METADATA, current_recorder, lost};
use crate::reentrancy;
use crate::request_labels::RequestLabels;

/// The handles of a request under a recorder that is not the installed one.
///
/// All handles are registered at the start, so that a request that ends under another recorder is
/// recorded by the one it started under. Only the series of a failure is not known at the start. It
/// is registered at the end if the recorder is still the same: another one has no start to match.
pub(super) struct Facade {
    recorder: usize,
    labels: RequestLabels,
    succeeded: Counter,
    duration: Histogram,
    active: Gauge,
}

impl Facade {
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "boxed here, where recordings of the allocator are suppressed"
    )]
    pub(super) fn start(keys: &FacadeKeys) -> Box<Self> {
        let _guard = reentrancy::suppress();
        lost::count(&keys.started);
        metrics::with_recorder(|recorder| {
            recorder
                .register_counter(&keys.started, &METADATA)
                .increment(1);
            let active = recorder.register_gauge(&keys.active, &METADATA);
            active.increment(1.0);
            Box::new(Self {
                recorder: current_recorder(),
                succeeded: recorder.register_counter(&keys.succeeded, &METADATA),
                duration: recorder.register_histogram(&keys.duration, &METADATA),
                active,
                labels: keys.labels.clone(),
            })
        })
    }

    #[cold]
    pub(super) fn end(this: Box<Self>, took: u64, failure: Option<Cow<'static, str>>) {
        let _guard = reentrancy::suppress();
        // Freed before the guard, so that recordings of the allocator are suppressed.
        let this = this;
        this.duration
            .record(Duration::from_nanos(took).as_secs_f64());
        match failure {
            None => this.succeeded.increment(1),
            Some(error_type) if this.recorder == current_recorder() => {
                let key = failed_key(&this.labels, error_type);
                metrics::with_recorder(|recorder| recorder.register_counter(&key, &METADATA))
                    .increment(1);
            }
            Some(error_type) if lost::is_watched() => {
                lost::count(&failed_key(&this.labels, error_type));
            }
            Some(_) => {}
        }
        this.active.decrement(1.0);
    }
}
