//! The crate `metrics`, with metrics-exporter-prometheus as it comes.
//!
//! It keeps every duration until someone drains it. The benchmark does that between two
//! measurements, so that this cost, which a program has to bear, is not counted here.

use std::sync::LazyLock;
use std::time::Instant;

use mcp_metrics::catalog::{
    ACTIVE_OPERATIONS, REQUEST_DURATION, REQUEST_DURATION_BUCKETS, REQUESTS, REQUESTS_FAILED,
    REQUESTS_SUCCESS,
};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use crate::{AGENTS, OPERATIONS, Refused, work};

/// Not the process' global recorder, which is ours. A local recorder is found as fast.
pub(crate) static RECORDER: LazyLock<PrometheusRecorder> = LazyLock::new(|| {
    PrometheusBuilder::new()
        .set_buckets(&REQUEST_DURATION_BUCKETS)
        .expect("there are buckets")
        .build_recorder()
});

/// What a careful author keeps who has no macro of ours, so that no call looks a series up.
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
    /// From the recorder that is current.
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

    /// Does the work and records it.
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

/// Handles that are kept.
#[inline(never)]
pub(crate) fn kept<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    HANDLES[SITE].call(n)
}

/// The macros where they are needed, with labels that are literals.
pub(crate) const LITERALS: [crate::Call; 2] = {
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

/// The macros where they are needed, with a label that is known only then.
#[inline(never)]
pub(crate) fn dynamic<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    let agent = AGENTS[n as usize % AGENTS.len()];
    let labels = [("agent", agent), ("operation", OPERATIONS[SITE])];
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
