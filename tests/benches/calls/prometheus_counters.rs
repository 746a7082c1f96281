//! Counters of the crate `prometheus`, kept or looked up per call.

use std::sync::LazyLock;
use std::time::Instant;

use mcp_metrics::catalog::{
    CACHE_HITS, CACHE_MISSES, CODE_EXECUTIONS, LLM_CALLS, RETRIES, SEARCH_CALLS, llm,
};
use mcp_metrics_benches::sum;
use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, opts, register_histogram_with_registry,
    register_int_counter_vec_with_registry,
};

use crate::prometheus::{REGISTRY, text};
use crate::way::{Way, sum_of_all_agents};
use crate::{OPERATIONS, agent, work};

struct Families {
    llm: IntCounterVec,
    search: IntCounterVec,
    execution: IntCounterVec,
    hits: IntCounterVec,
    misses: IntCounterVec,
    retries: IntCounterVec,
    kept_llm: IntCounter,
    llm_duration: Histogram,
    kept: IntCounter,
    kept_hits: IntCounter,
    kept_misses: IntCounter,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| {
    let counter = |name: &str, labels: &[&str]| {
        register_int_counter_vec_with_registry!(opts!(name, "Events"), labels, REGISTRY)
            .expect("the name is free")
    };
    let (calls, search) = (
        counter(LLM_CALLS, &["provider", "model"]),
        counter(SEARCH_CALLS, &[]),
    );
    let hits = counter(CACHE_HITS, &["cache_type"]);
    let misses = counter(CACHE_MISSES, &["cache_type"]);
    let duration = HistogramOpts::new(llm::OPERATION_DURATION, "Durations")
        .const_label("gen_ai_provider_name", "kept")
        .const_label("gen_ai_request_model", "measured")
        .buckets(llm::OPERATION_BUCKETS.to_vec());
    let llm_duration = register_histogram_with_registry!(duration, REGISTRY);
    Families {
        kept_llm: calls.with_label_values(&["kept", "measured"]),
        llm_duration: llm_duration.expect("the name is free"),
        kept: calls.with_label_values(&["kept", "model"]),
        kept_hits: hits.with_label_values(&["kept"]),
        kept_misses: misses.with_label_values(&["kept"]),
        llm: calls,
        search,
        execution: counter(CODE_EXECUTIONS, &["status"]),
        hits,
        misses,
        retries: counter(RETRIES, &["service", "attempt"]),
    }
});

pub(crate) const KEPT: Way = Way::single("prometheus, kept IntCounter", |n| {
    FAMILIES.kept.inc();
    work(n)
})
.counted(|| sum(&text(), LLM_CALLS, &[("model", "model")]));

pub(crate) const LLM_KEPT: Way =
    Way::single("prometheus, kept IntCounter and timed Histogram", |n| {
        FAMILIES.kept_llm.inc();
        let started = Instant::now();
        let result = work(n);
        let duration = started.elapsed();
        FAMILIES.llm_duration.observe(duration.as_secs_f64());
        result
    })
    .counted(|| sum(&text(), LLM_CALLS, &[("model", "measured")]));

pub(crate) const CACHE_KEPT: Way = Way::single("prometheus, two kept IntCounters", |n| {
    if n.is_multiple_of(2) {
        FAMILIES.kept_hits.inc();
    } else {
        FAMILIES.kept_misses.inc();
    }
    work(n)
})
.counted(|| {
    let labels = [("cache_type", "kept")];
    sum(&text(), CACHE_HITS, &labels) + sum(&text(), CACHE_MISSES, &labels)
});

pub(crate) const LLM_DYNAMIC: Way =
    Way::single("prometheus, with_label_values (provider, model)", |n| {
        let labels = [agent(n), OPERATIONS[0]];
        FAMILIES.llm.with_label_values(&labels).inc();
        work(n)
    })
    .counted(|| sum_of_all_agents(&text(), LLM_CALLS, "provider"));

pub(crate) const SEARCH_DYNAMIC: Way =
    Way::single("prometheus, with_label_values (no label)", |n| {
        FAMILIES.search.with_label_values::<&str>(&[]).inc();
        work(n)
    })
    .counted(|| sum(&text(), SEARCH_CALLS, &[]));

pub(crate) const EXECUTION_DYNAMIC: Way =
    Way::single("prometheus, with_label_values (status)", |n| {
        let status = if n.is_multiple_of(2) {
            "success"
        } else {
            "failure"
        };
        FAMILIES.execution.with_label_values(&[status]).inc();
        work(n)
    })
    .counted(|| sum(&text(), CODE_EXECUTIONS, &[]));

pub(crate) const CACHE_DYNAMIC: Way =
    Way::single("prometheus, with_label_values (cache_type)", |n| {
        let families = &*FAMILIES;
        let family = if n.is_multiple_of(2) {
            &families.hits
        } else {
            &families.misses
        };
        family.with_label_values(&[agent(n)]).inc();
        work(n)
    })
    .counted(|| {
        let families = [CACHE_HITS, CACHE_MISSES];
        let sums = families.map(|family| sum_of_all_agents(&text(), family, "cache_type"));
        sums.iter().sum()
    });

/// The attempts as strings: formatting a number would be slower.
const ATTEMPTS: [&str; 4] = ["1", "2", "3", "4"];

pub(crate) const RETRY_DYNAMIC: Way =
    Way::single("prometheus, with_label_values (service, attempt)", |n| {
        let labels = [agent(n), ATTEMPTS[n as usize % 4]];
        FAMILIES.retries.with_label_values(&labels).inc();
        work(n)
    })
    .counted(|| sum(&text(), RETRIES, &[]));
