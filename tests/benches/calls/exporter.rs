//! The crate `metrics` with the recorder of metrics-exporter-prometheus.
//!
//! The recorder stores every observation until it is drained. The harness drains it between two
//! measurements, so the times exclude a cost that a program has.

use std::sync::LazyLock;
use std::time::Instant;

use mcp_metrics::catalog::{
    ACTIVE_OPERATIONS, REQUEST_DURATION, REQUEST_DURATION_BUCKETS, REQUESTS, REQUESTS_FAILED,
    REQUESTS_SUCCESS,
};
use metrics::{
    Counter, Gauge, Histogram, Recorder, counter, gauge, histogram, with_local_recorder,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use crate::{OPERATIONS, Refused, agent, work};

/// A local recorder, because the global one is the one of mcp-metrics. Looking up either takes the same time.
pub(crate) static RECORDER: LazyLock<PrometheusRecorder> = LazyLock::new(|| {
    PrometheusBuilder::new()
        .set_buckets(&REQUEST_DURATION_BUCKETS)
        .expect("there are buckets")
        .build_recorder()
});

pub(crate) fn local() -> &'static (dyn Recorder + Sync) {
    &*RECORDER
}

/// Renders the recorder's metrics as text.
pub(crate) fn text() -> String {
    RECORDER.handle().render()
}

/// Kept handles of a request's five series, so that no call looks up a series.
pub(crate) struct Handles {
    agent: &'static str,
    started: Counter,
    succeeded: Counter,
    duration: Histogram,
    active: Gauge,
}

static HANDLES: [LazyLock<Handles>; 2] = [
    LazyLock::new(|| with_local_recorder(&*RECORDER, || Handles::new("kept handles", "first"))),
    LazyLock::new(|| with_local_recorder(&*RECORDER, || Handles::new("kept handles", "second"))),
];

impl Handles {
    /// Registers the series with the current recorder.
    pub(crate) fn new(agent: &'static str, operation: &'static str) -> Self {
        let labels = [("agent", agent), ("operation", operation)];
        Self {
            agent,
            started: counter!(REQUESTS, &labels),
            succeeded: counter!(REQUESTS_SUCCESS, &labels),
            duration: histogram!(REQUEST_DURATION, &labels),
            active: gauge!(ACTIVE_OPERATIONS, &labels[..1]),
        }
    }

    /// Calls `work` and records the call.
    #[inline]
    pub(crate) fn call(&self, n: u32) -> Result<u32, Refused> {
        self.started.increment(1);
        self.active.increment(1.0);
        let start = Instant::now();
        let result = work(n);
        self.duration.record(start.elapsed().as_secs_f64());
        match result {
            Ok(_) => self.succeeded.increment(1),
            Err(_) => counter!(REQUESTS_FAILED, "agent" => self.agent).increment(1),
        }
        self.active.decrement(1.0);
        result
    }
}

/// Records through kept handles.
#[inline(never)]
pub(crate) fn kept<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    HANDLES[SITE].call(n)
}

/// Registers each series per call, with literal labels.
pub(crate) const LITERALS: [crate::way::Call; 2] = {
    macro_rules! site {
        ($function:ident, $operation:literal) => {
            #[inline(never)]
            fn $function(n: u32) -> Result<u32, Refused> {
                counter!(REQUESTS, "agent" => "literals", "operation" => $operation).increment(1);
                let active = gauge!(ACTIVE_OPERATIONS, "agent" => "literals");
                active.increment(1.0);
                let start = Instant::now();
                let result = work(n);
                let took = start.elapsed().as_secs_f64();
                histogram!(REQUEST_DURATION, "agent" => "literals", "operation" => $operation)
                    .record(took);
                match result {
                    Ok(_) => {
                        counter!(
                            REQUESTS_SUCCESS, "agent" => "literals", "operation" => $operation
                        )
                    }
                    Err(_) => counter!(REQUESTS_FAILED, "agent" => "literals"),
                }
                .increment(1);
                active.decrement(1.0);
                result
            }
        };
    }
    site!(first, "first");
    site!(second, "second");
    [first, second]
};

/// Registers each series per call, with dynamic labels.
#[inline(never)]
pub(crate) fn dynamic<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    let labels = [("agent", agent(n)), ("operation", OPERATIONS[SITE])];
    counter!(REQUESTS, &labels).increment(1);
    let active = gauge!(ACTIVE_OPERATIONS, &labels[..1]);
    active.increment(1.0);
    let start = Instant::now();
    let result = work(n);
    histogram!(REQUEST_DURATION, &labels).record(start.elapsed().as_secs_f64());
    match result {
        Ok(_) => counter!(REQUESTS_SUCCESS, &labels),
        Err(_) => counter!(REQUESTS_FAILED, &labels),
    }
    .increment(1);
    active.decrement(1.0);
    result
}
