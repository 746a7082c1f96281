//! The crate `prometheus`, by hand.

use std::sync::LazyLock;
use std::time::Instant;

use mcp_metrics::catalog::{
    ACTIVE_OPERATIONS, REQUEST_DURATION, REQUEST_DURATION_BUCKETS, REQUESTS, REQUESTS_FAILED,
    REQUESTS_SUCCESS,
};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Registry, TextEncoder, opts, register_histogram_vec_with_registry,
    register_int_counter_vec_with_registry, register_int_gauge_vec_with_registry,
};

use crate::{OPERATIONS, Refused, agent, work};

const LABELS: [&str; 2] = ["agent", "operation"];

pub(crate) static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

struct Families {
    started: IntCounterVec,
    succeeded: IntCounterVec,
    failed: IntCounterVec,
    duration: HistogramVec,
    active: IntGaugeVec,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| {
    let counter = |name: &str| {
        register_int_counter_vec_with_registry!(opts!(name, "Requests"), &LABELS, REGISTRY)
            .expect("the name is free")
    };
    let duration = HistogramOpts::new(REQUEST_DURATION, "Durations")
        .buckets(REQUEST_DURATION_BUCKETS.to_vec());
    let active = opts!(ACTIVE_OPERATIONS, "Requests in flight");
    Families {
        started: counter(REQUESTS),
        succeeded: counter(REQUESTS_SUCCESS),
        failed: counter(REQUESTS_FAILED),
        duration: register_histogram_vec_with_registry!(duration, &LABELS, REGISTRY)
            .expect("the name is free"),
        active: register_int_gauge_vec_with_registry!(active, &LABELS[..1], REGISTRY)
            .expect("the name is free"),
    }
});

pub(crate) fn text() -> String {
    let text = TextEncoder::new().encode_to_string(&REGISTRY.gather());
    text.expect("the families are valid")
}

struct Handles {
    started: IntCounter,
    succeeded: IntCounter,
    failed: IntCounter,
    duration: Histogram,
    active: IntGauge,
}

static HANDLES: [LazyLock<Handles>; 2] = [
    LazyLock::new(|| Handles::new("first")),
    LazyLock::new(|| Handles::new("second")),
];

impl Handles {
    fn new(operation: &'static str) -> Self {
        let labels = ["kept handles", operation];
        Self {
            started: FAMILIES.started.with_label_values(&labels),
            succeeded: FAMILIES.succeeded.with_label_values(&labels),
            failed: FAMILIES.failed.with_label_values(&labels),
            duration: FAMILIES.duration.with_label_values(&labels),
            active: FAMILIES.active.with_label_values(&labels[..1]),
        }
    }
}

/// Records through kept handles, so that no call looks up a series.
#[inline(never)]
pub(crate) fn kept<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    let handles = &*HANDLES[SITE];
    handles.started.inc();
    handles.active.inc();
    let start = Instant::now();
    let result = work(n);
    handles.duration.observe(start.elapsed().as_secs_f64());
    match result {
        Ok(_) => handles.succeeded.inc(),
        Err(_) => handles.failed.inc(),
    }
    handles.active.dec();
    result
}

/// Looks up each series by its labels per call; the gauge once for both updates.
#[inline(never)]
pub(crate) fn dynamic<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    let families = &*FAMILIES;
    let labels = [agent(n), OPERATIONS[SITE]];
    families.started.with_label_values(&labels).inc();
    let active = families.active.with_label_values(&labels[..1]);
    active.inc();
    let start = Instant::now();
    let result = work(n);
    let took = start.elapsed().as_secs_f64();
    families.duration.with_label_values(&labels).observe(took);
    match result {
        Ok(_) => families.succeeded.with_label_values(&labels).inc(),
        Err(_) => families.failed.with_label_values(&labels).inc(),
    }
    active.dec();
    result
}
