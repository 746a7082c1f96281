use mcp_metrics::catalog::{
    ACTIVE_OPERATIONS, REQUEST_DURATION, REQUEST_DURATION_BUCKETS, REQUESTS, REQUESTS_FAILED,
    REQUESTS_SUCCESS,
};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::{ERROR_TYPE, Library, OPERATION, TOOK, agent_name};

/// Only the agent is dynamic; each family has a copy of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    agent: String,
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    agent: String,
    operation: &'static str,
    error_type: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AgentLabel {
    agent: String,
}

pub(super) struct Families {
    started: Family<Labels, Counter>,
    succeeded: Family<Labels, Counter>,
    failed: Family<FailureLabels, Counter>,
    duration: Family<Labels, Histogram, fn() -> Histogram>,
    active: Family<AgentLabel, Gauge>,
    registry: Registry,
}

impl Families {
    pub(super) fn new() -> Self {
        let mut families = Self {
            started: Family::default(),
            succeeded: Family::default(),
            failed: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(REQUEST_DURATION_BUCKETS)),
            active: Family::default(),
            registry: Registry::default(),
        };
        let registry = &mut families.registry;
        // The crate appends `_total`.
        let name = |name: &'static str| name.trim_end_matches("_total");
        registry.register(name(REQUESTS), "Requests", families.started.clone());
        registry.register(
            name(REQUESTS_SUCCESS),
            "Successes",
            families.succeeded.clone(),
        );
        registry.register(name(REQUESTS_FAILED), "Failures", families.failed.clone());
        registry.register(REQUEST_DURATION, "Durations", families.duration.clone());
        registry.register(
            ACTIVE_OPERATIONS,
            "Requests in flight",
            families.active.clone(),
        );
        families
    }
}

impl Library for Families {
    fn record(&self, agent: usize) {
        let agent = agent_name(agent);
        let labels = Labels {
            agent: agent.clone(),
            operation: OPERATION,
        };
        self.started.get_or_create(&labels).inc_by(2);
        self.succeeded.get_or_create(&labels).inc();
        let duration = self.duration.get_or_create_owned(&labels);
        duration.observe(TOOK);
        duration.observe(TOOK);
        let failure = FailureLabels {
            agent: agent.clone(),
            operation: OPERATION,
            error_type: ERROR_TYPE,
        };
        self.failed.get_or_create(&failure).inc();
        let active = self.active.get_or_create_owned(&AgentLabel { agent });
        active.inc_by(2);
        active.dec_by(2);
    }

    fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string succeeds");
        text
    }
}
