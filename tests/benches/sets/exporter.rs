use mcp_metrics::catalog::{
    ACTIVE_OPERATIONS, REQUEST_DURATION, REQUEST_DURATION_BUCKETS, REQUESTS, REQUESTS_FAILED,
    REQUESTS_SUCCESS,
};
use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use super::{ERROR_TYPE, Library, OPERATION, TOOK, agent_name};

pub(super) struct Exporter(PrometheusRecorder);

impl Exporter {
    pub(super) fn new() -> Self {
        let builder = PrometheusBuilder::new().set_buckets(&REQUEST_DURATION_BUCKETS);
        Self(builder.expect("there are buckets").build_recorder())
    }
}

impl Library for Exporter {
    fn record(&self, agent: usize) {
        let agent = agent_name(agent);
        with_local_recorder(&self.0, || {
            let labels = [("agent", agent), ("operation", OPERATION.to_owned())];
            counter!(REQUESTS, &labels).increment(2);
            counter!(REQUESTS_SUCCESS, &labels).increment(1);
            let duration = histogram!(REQUEST_DURATION, &labels);
            duration.record(TOOK);
            duration.record(TOOK);
            let active = gauge!(ACTIVE_OPERATIONS, &labels[..1]);
            active.increment(2.0);
            active.decrement(2.0);
            let [agent, operation] = labels;
            let error_type = ("error_type", ERROR_TYPE.to_owned());
            counter!(REQUESTS_FAILED, &[agent, operation, error_type]).increment(1);
        });
    }

    fn text(&self) -> String {
        self.0.handle().render()
    }
}
