//! The crate `prometheus-client`, by hand.

use std::sync::LazyLock;
use std::time::Instant;

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

use crate::{OPERATIONS, Refused, agent, work};

/// Labels that are not copied, the fastest type for the crate.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    agent: &'static str,
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Agent {
    agent: &'static str,
}

struct Families {
    started: Family<Labels, Counter>,
    succeeded: Family<Labels, Counter>,
    failed: Family<Labels, Counter>,
    duration: Family<Labels, Histogram, fn() -> Histogram>,
    active: Family<Agent, Gauge>,
    registry: Registry,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| {
    let mut families = Families {
        started: Family::default(),
        succeeded: Family::default(),
        failed: Family::default(),
        duration: Family::new_with_constructor(|| Histogram::new(REQUEST_DURATION_BUCKETS)),
        active: Family::default(),
        registry: Registry::default(),
    };
    let registry = &mut families.registry;
    // The crate appends `_total`.
    let mut counter = |name: &str, family: &Family<Labels, Counter>| {
        registry.register(name.trim_end_matches("_total"), "Requests", family.clone());
    };
    counter(REQUESTS, &families.started);
    counter(REQUESTS_SUCCESS, &families.succeeded);
    counter(REQUESTS_FAILED, &families.failed);
    registry.register(REQUEST_DURATION, "Durations", families.duration.clone());
    registry.register(
        ACTIVE_OPERATIONS,
        "Requests in flight",
        families.active.clone(),
    );
    families
});

pub(crate) fn text() -> String {
    let mut text = String::new();
    encode(&mut text, &FAMILIES.registry).expect("writing to a string succeeds");
    text
}

struct Handles {
    started: Counter,
    succeeded: Counter,
    failed: Counter,
    duration: Histogram,
    active: Gauge,
}

static HANDLES: [LazyLock<Handles>; 2] = [
    LazyLock::new(|| Handles::new("first")),
    LazyLock::new(|| Handles::new("second")),
];

impl Handles {
    fn new(operation: &'static str) -> Self {
        let agent = "kept handles";
        let labels = Labels { agent, operation };
        Self {
            started: FAMILIES.started.get_or_create_owned(&labels),
            succeeded: FAMILIES.succeeded.get_or_create_owned(&labels),
            failed: FAMILIES.failed.get_or_create_owned(&labels),
            duration: FAMILIES.duration.get_or_create_owned(&labels),
            active: FAMILIES.active.get_or_create_owned(&Agent { agent }),
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
    };
    handles.active.dec();
    result
}

/// Looks up each series by its labels per call; the gauge once for both updates.
#[inline(never)]
pub(crate) fn dynamic<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    let families = &*FAMILIES;
    let labels = Labels {
        agent: agent(n),
        operation: OPERATIONS[SITE],
    };
    families.started.get_or_create(&labels).inc();
    let active = Agent {
        agent: labels.agent,
    };
    // A reference would lock the family until the end of the call.
    let active = families.active.get_or_create_owned(&active);
    active.inc();
    let start = Instant::now();
    let result = work(n);
    let took = start.elapsed().as_secs_f64();
    families.duration.get_or_create(&labels).observe(took);
    match result {
        Ok(_) => families.succeeded.get_or_create(&labels).inc(),
        Err(_) => families.failed.get_or_create(&labels).inc(),
    };
    active.dec();
    result
}
