//! Counters of single events: LLM calls, search calls, code executions, cache accesses, retries.

use metrics::{Key, Label, SharedString};

use crate::catalog;
use crate::reentry;
use crate::site::METADATA;

/// Attempts above this number share the label `16+`.
const LAST_ATTEMPT: u32 = 16;

/// How a code execution ended: the label `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExecutionStatus {
    /// The code ran to its end.
    Success,
    /// The code could not run, failed or was stopped.
    Failure,
}

impl ExecutionStatus {
    /// The status as a label value, `success` or `failure`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

impl<T, E> From<&Result<T, E>> for ExecutionStatus {
    fn from(result: &Result<T, E>) -> Self {
        if result.is_ok() {
            Self::Success
        } else {
            Self::Failure
        }
    }
}

/// Counts a call of `provider`'s LLM API with `model`, in `mcp_hub_llm_api_calls_total`.
///
/// ```
/// mcp_metrics::track_llm_call("openai", "gpt-4");
/// ```
pub fn track_llm_call(provider: impl Into<SharedString>, model: impl Into<SharedString>) {
    let labels = vec![Label::new("provider", provider), Label::new("model", model)];
    count(&Key::from_parts(catalog::LLM_CALLS, labels));
}

/// Counts a call of a search API, in `mcp_hub_search_api_calls_total`.
///
/// ```
/// mcp_metrics::track_search_call();
/// ```
pub fn track_search_call() {
    count(&Key::from_static_name(catalog::SEARCH_CALLS));
}

/// Counts an execution of code, in `mcp_hub_code_executions_total`.
///
/// ```
/// use mcp_metrics::{ExecutionStatus, track_code_execution};
///
/// track_code_execution(ExecutionStatus::Success);
///
/// let ran: Result<(), &str> = Err("out of fuel");
/// track_code_execution((&ran).into()); // failure
/// ```
pub fn track_code_execution(status: ExecutionStatus) {
    let labels = vec![Label::from_static_parts("status", status.as_str())];
    count(&Key::from_parts(catalog::CODE_EXECUTIONS, labels));
}

/// Counts a look-up in the cache `cache_type`: a hit in `mcp_hub_cache_hits_total`, a miss in
/// `mcp_hub_cache_misses_total`.
///
/// ```
/// mcp_metrics::track_cache_access("llm", true);
/// ```
pub fn track_cache_access(cache_type: impl Into<SharedString>, hit: bool) {
    let family = if hit {
        catalog::CACHE_HITS
    } else {
        catalog::CACHE_MISSES
    };
    let labels = vec![Label::new("cache_type", cache_type)];
    count(&Key::from_parts(family, labels));
}

/// Counts that attempt number `attempt` (from 1) of a retry loop of `service` failed, in
/// `mcp_hub_retries_total`, and, if `exhausted`, that the loop gave up, in
/// `mcp_hub_retries_exhausted_total`.
///
/// Attempts above 16 share the label `16+`. [`tracked_retry`](crate::tracked_retry) makes these
/// calls for you.
///
/// ```
/// mcp_metrics::track_retry("llm_api", 1, false);
/// mcp_metrics::track_retry("llm_api", 2, true);
/// ```
pub fn track_retry(service: impl Into<SharedString>, attempt: u32, exhausted: bool) {
    let service = service.into();
    retry_failed(service.clone(), attempt);
    if exhausted {
        retries_exhausted(service);
    }
}

/// Counts a failed attempt.
pub(crate) fn retry_failed(service: SharedString, attempt: u32) {
    let attempt: SharedString = match attempt {
        // An attempt is one of the first at least.
        0 => "1".into(),
        1..=LAST_ATTEMPT => attempt.to_string().into(),
        _ => "16+".into(),
    };
    let labels = vec![
        Label::new("service", service),
        Label::new("attempt", attempt),
    ];
    count(&Key::from_parts(catalog::RETRIES, labels));
}

/// Counts a retry loop that gave up.
pub(crate) fn retries_exhausted(service: SharedString) {
    let labels = vec![Label::new("service", service)];
    count(&Key::from_parts(catalog::RETRIES_EXHAUSTED, labels));
}

fn count(key: &Key) {
    if reentry::is_busy() {
        return;
    }
    let _busy = reentry::enter();
    metrics::with_recorder(|recorder| recorder.register_counter(key, &METADATA)).increment(1);
}
