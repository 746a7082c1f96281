//! Counters of single events: LLM calls, searches, code executions, cache accesses, retries.
//!
//! The attributes have literal labels and are compared with kept handles; that of LLM calls also
//! measures the duration. The functions have four
//! label sets that take turns and are compared with a lookup per call.

use contatori::counters::Observable as _;
use contatori::counters::monotone::Monotone;
use mcp_metrics::catalog::{
    CACHE_HITS, CACHE_MISSES, CODE_EXECUTIONS, LLM_CALLS, RETRIES, SEARCH_CALLS,
};
use mcp_metrics::{
    ExecutionStatus, track_cache_access, track_code_execution, track_llm_call, track_retry,
    track_search_call, tracked_cache, tracked_llm, tracked_search,
};
use mcp_metrics_benches::{Bar, sum};

use crate::measure::Measure;
use crate::prometheus_counters::{
    CACHE_DYNAMIC, CACHE_KEPT, EXECUTION_DYNAMIC, KEPT, LLM_DYNAMIC, LLM_KEPT, RETRY_DYNAMIC,
    SEARCH_DYNAMIC,
};
use crate::way::{self, Pair, Way, sum_of_all_agents};
use crate::{OPERATIONS, Refused, agent, tracked, work};

fn text() -> String {
    tracked::EXPORTER.render()
}

const CACHE: Way = Way::single("#[tracked_cache], literal label", {
    #[tracked_cache("attribute")]
    #[inline(never)]
    fn look_up(n: u32) -> Result<Option<u32>, Refused> {
        work(n).map(|n| (n % 2 == 0).then_some(n))
    }

    |n| look_up(n).map(Option::unwrap_or_default)
})
.counted(|| {
    let labels = [("cache_type", "attribute")];
    sum(&text(), CACHE_HITS, &labels) + sum(&text(), CACHE_MISSES, &labels)
});

const SEARCH: Way = Way::single("#[tracked_search]", {
    #[tracked_search]
    #[inline(never)]
    fn search(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    search
})
.counted_together_with(&[SEARCH_CALL.name], || sum(&text(), SEARCH_CALLS, &[]));

const LLM: Way = Way::single("#[tracked_llm], literal labels", {
    #[tracked_llm("attribute", "model")]
    #[inline(never)]
    fn complete(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    complete
})
.counted(|| sum(&text(), LLM_CALLS, &[("provider", "attribute")]));

const LLM_CALL: Way = Way::single("track_llm_call", |n| {
    track_llm_call(agent(n), OPERATIONS[0]);
    work(n)
})
.counted(|| sum_of_all_agents(&text(), LLM_CALLS, "provider"));

const SEARCH_CALL: Way = Way::single("track_search_call", |n| {
    track_search_call();
    work(n)
})
.counted_together_with(&["#[tracked_search]"], || sum(&text(), SEARCH_CALLS, &[]));

const EXECUTION: Way = Way::single("track_code_execution", |n| {
    track_code_execution(if n.is_multiple_of(2) {
        ExecutionStatus::Success
    } else {
        ExecutionStatus::Failure
    });
    work(n)
})
.counted(|| sum(&text(), CODE_EXECUTIONS, &[]));

const CACHE_ACCESS: Way = Way::single("track_cache_access", |n| {
    track_cache_access(agent(n), n.is_multiple_of(2));
    work(n)
})
.counted(|| {
    let families = [CACHE_HITS, CACHE_MISSES];
    let sums = families.map(|family| sum_of_all_agents(&text(), family, "cache_type"));
    sums.iter().sum()
});

const RETRY: Way = Way::single("track_retry", |n| {
    track_retry(agent(n), n % 4 + 1, false);
    work(n)
})
.counted(|| sum(&text(), RETRIES, &[]));

static SHARDED: Monotone = Monotone::new();

const CONTATORI: Way = Way::single("contatori, Monotone", |n| {
    SHARDED.add(1);
    work(n)
})
.counted(|| SHARDED.value().as_f64());

pub(crate) fn compare(measure: &mut Measure) -> Vec<Bar> {
    let pair = |way, other, [one, two]: [f64; 2]| Pair {
        way,
        other,
        at_most: [Some(one), Some(two)],
    };
    let kept = [5.0, 1.0];
    let dynamic = [1.5, 0.8];
    let pairs = [
        pair(CACHE, CACHE_KEPT, kept),
        pair(SEARCH, KEPT, kept),
        pair(LLM, LLM_KEPT, [1.5, 1.0]),
        Pair {
            way: SEARCH,
            other: CONTATORI,
            at_most: [None; 2],
        },
        pair(LLM_CALL, LLM_DYNAMIC, dynamic),
        pair(SEARCH_CALL, SEARCH_DYNAMIC, dynamic),
        pair(EXECUTION, EXECUTION_DYNAMIC, dynamic),
        pair(CACHE_ACCESS, CACHE_DYNAMIC, dynamic),
        pair(RETRY, RETRY_DYNAMIC, dynamic),
    ];
    way::compare(measure, "Counters", &pairs)
}
