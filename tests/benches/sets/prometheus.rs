use mcp_metrics::catalog::{
    ACTIVE_OPERATIONS, REQUEST_DURATION, REQUEST_DURATION_BUCKETS, REQUESTS, REQUESTS_FAILED,
    REQUESTS_SUCCESS,
};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Registry, TextEncoder, opts,
    register_histogram_vec_with_registry, register_int_counter_vec_with_registry,
    register_int_gauge_vec_with_registry,
};

use super::{ERROR_TYPE, Library, OPERATION, TOOK, agent_name};

pub(super) struct Families {
    started: IntCounterVec,
    succeeded: IntCounterVec,
    failed: IntCounterVec,
    duration: HistogramVec,
    active: IntGaugeVec,
    registry: Registry,
}

impl Families {
    pub(super) fn new() -> Self {
        let registry = Registry::new();
        let labels = ["agent", "operation", "error_type"];
        let counter = |name: &str, labels: &[&str]| {
            register_int_counter_vec_with_registry!(opts!(name, "Requests"), labels, registry)
                .expect("the name is free")
        };
        let duration = HistogramOpts::new(REQUEST_DURATION, "Durations")
            .buckets(REQUEST_DURATION_BUCKETS.to_vec());
        let active = opts!(ACTIVE_OPERATIONS, "Requests in flight");
        Self {
            started: counter(REQUESTS, &labels[..2]),
            succeeded: counter(REQUESTS_SUCCESS, &labels[..2]),
            failed: counter(REQUESTS_FAILED, &labels),
            duration: register_histogram_vec_with_registry!(duration, &labels[..2], registry)
                .expect("the name is free"),
            active: register_int_gauge_vec_with_registry!(active, &labels[..1], registry)
                .expect("the name is free"),
            registry,
        }
    }
}

impl Library for Families {
    fn record(&self, agent: usize) {
        let agent = agent_name(agent);
        let labels = [&*agent, OPERATION, ERROR_TYPE];
        self.started.with_label_values(&labels[..2]).inc_by(2);
        self.succeeded.with_label_values(&labels[..2]).inc();
        self.failed.with_label_values(&labels).inc();
        let duration = self.duration.with_label_values(&labels[..2]);
        duration.observe(TOOK);
        duration.observe(TOOK);
        let active = self.active.with_label_values(&labels[..1]);
        active.add(2);
        active.sub(2);
    }

    fn text(&self) -> String {
        let text = TextEncoder::new().encode_to_string(&self.registry.gather());
        text.expect("the families are valid")
    }
}
