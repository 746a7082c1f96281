//! Metrics of this process, in the names of the official Prometheus clients.

use std::sync::{Mutex, PoisonError};

use metrics::Recorder as _;
use metrics_process::collector::collect;

use super::as_f64;
use super::availability::Availability;
use crate::catalog::{Kind, process as names};
use crate::recorder::MetricsRecorder;

/// The metrics of this process.
pub(crate) struct ProcessMetrics {
    recorder: MetricsRecorder,
    availability: Mutex<Availability>,
}

impl ProcessMetrics {
    /// Describes the metrics to `recorder`.
    pub(crate) fn new(recorder: MetricsRecorder) -> Self {
        for family in names::FAMILIES {
            let (name, help) = (family.name.into(), family.help.into());
            match family.kind {
                Kind::Counter => recorder.describe_counter(name, family.unit, help),
                _ => recorder.describe_gauge(name, family.unit, help),
            }
        }
        Self {
            recorder,
            availability: Mutex::new(Availability::new("process metrics")),
        }
    }

    /// Reads and sets the metrics.
    ///
    /// `metrics_process` would round the CPU time down to whole seconds, since a counter of the
    /// facade is a whole number.
    pub(crate) fn collect(&self) {
        let values = collect();
        // Every platform has it.
        let seconds = values
            .cpu_seconds_total
            .filter(|seconds| seconds.is_finite());
        let mut availability = self
            .availability
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match seconds {
            Some(_) => availability.found(),
            None => availability.lost(&"the system does not report them"),
        }
        drop(availability);
        self.recorder
            .set_or_clear_float_counter(names::CPU_SECONDS, seconds);
        let limit = |limit: Option<u64>| limit.filter(|limit| (1..UNLIMITED).contains(limit));
        for (name, value) in [
            (names::OPEN_FDS, values.open_fds),
            (names::MAX_FDS, limit(values.max_fds)),
            (names::VIRTUAL_MEMORY, values.virtual_memory_bytes),
            (
                names::VIRTUAL_MEMORY_MAX,
                limit(values.virtual_memory_max_bytes),
            ),
            (names::RESIDENT_MEMORY, values.resident_memory_bytes),
            (names::START_TIME, values.start_time_seconds),
            (names::THREADS, values.threads),
        ] {
            self.recorder.set_or_clear_gauge(name, value.map(as_f64));
        }
    }
}

/// Limits from this one on are not set. `metrics_process` reports a missing limit as 0 on Linux, and
/// as the largest value of the system's type elsewhere.
const UNLIMITED: u64 = i64::MAX as u64;
