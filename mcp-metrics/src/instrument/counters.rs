//! Counters of single events: LLM calls, search calls, code executions, cache accesses, retries.

use metrics::{Key, Label, SharedString};

use super::collected::collected;
use super::counter_callsite::CounterCallsite;
use super::dispatch::{Dispatch, METADATA};
use super::lost;
use crate::catalog::{self, FamilyId};
use crate::reentrancy;

/// The family of [`track_llm_call`].
pub const LLM_CALLS: FamilyId = FamilyId::of(catalog::LLM_CALLS);
/// The family of [`track_search_call`].
pub const SEARCH_CALLS: FamilyId = FamilyId::of(catalog::SEARCH_CALLS);
/// The family of [`track_code_execution`].
pub const CODE_EXECUTIONS: FamilyId = FamilyId::of(catalog::CODE_EXECUTIONS);
/// The family of hits of [`track_cache_access`].
pub const CACHE_HITS: FamilyId = FamilyId::of(catalog::CACHE_HITS);
/// The family of misses of [`track_cache_access`].
pub const CACHE_MISSES: FamilyId = FamilyId::of(catalog::CACHE_MISSES);
/// The family of failed attempts of [`track_retry`].
pub(super) const RETRIES: FamilyId = FamilyId::of(catalog::RETRIES);
/// The family of exhausted loops of [`track_retry`].
pub(super) const RETRIES_EXHAUSTED: FamilyId = FamilyId::of(catalog::RETRIES_EXHAUSTED);

pub(super) static SEARCH: CounterCallsite = CounterCallsite::new(SEARCH_CALLS, &[]);
static SUCCESS: CounterCallsite = CounterCallsite::new(CODE_EXECUTIONS, &["success"]);
static FAILURE: CounterCallsite = CounterCallsite::new(CODE_EXECUTIONS, &["failure"]);

/// The number of callsites in this file, which are not collected.
#[cfg(feature = "exporter")]
pub(super) const BUILT_IN: usize = 3;

/// The labels of attempt numbers, from 1. Higher numbers share the last label.
const ATTEMPTS: [&str; LAST_ATTEMPT as usize] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "16+",
];

/// The lowest attempt number with the last label.
const LAST_ATTEMPT: u32 = 17;

/// A retry loop with a literal service.
#[derive(Debug)]
pub struct RetryLoop {
    /// The service.
    pub service: &'static str,
    /// The number of attempts that can fail; 1 if it is not a literal in the source.
    pub attempts: u32,
}

collected!(RetryLoop);

/// The outcome of a code execution: the label `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExecutionStatus {
    /// The code ran to completion.
    Success,
    /// The code could not run, failed or was stopped.
    Failure,
}

impl ExecutionStatus {
    /// Returns the status as a label value, `success` or `failure`.
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

/// Counts a call to `provider`'s LLM API with `model`, in `mcp_hub_llm_api_calls_total`.
///
/// ```
/// mcp_metrics::track_llm_call("openai", "gpt-4");
/// ```
pub fn track_llm_call(provider: impl Into<SharedString>, model: impl Into<SharedString>) {
    increment(LLM_CALLS, &[provider.into(), model.into()]);
}

/// Counts a call to a search API, in `mcp_hub_search_api_calls_total`.
///
/// ```
/// mcp_metrics::track_search_call();
/// ```
pub fn track_search_call() {
    SEARCH.increment();
}

/// A code execution in progress, which is counted when it ends.
///
/// One that is dropped, by a panic or a cancellation, counts as failed.
///
/// ```
/// use mcp_metrics::CodeExecution;
///
/// let execution = CodeExecution::start();
/// let result: Result<u8, &str> = Err("out of fuel");
/// execution.finish(&result); // failure
/// ```
#[derive(Debug)]
#[must_use = "an execution that is dropped at once counts as failed"]
pub struct CodeExecution {
    status: ExecutionStatus,
}

impl CodeExecution {
    /// Starts an execution.
    pub const fn start() -> Self {
        Self {
            status: ExecutionStatus::Failure,
        }
    }

    /// Ends the execution with a status, or with a `Result`, whose `Err` is a failure.
    pub fn finish(mut self, status: impl Into<ExecutionStatus>) {
        self.status = status.into();
    }
}

impl Drop for CodeExecution {
    fn drop(&mut self) {
        track_code_execution(self.status);
    }
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
    match status {
        ExecutionStatus::Success => SUCCESS.increment(),
        ExecutionStatus::Failure => FAILURE.increment(),
    }
}

/// The result of a cache lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheAccess {
    /// The cache had the entry.
    Hit,
    /// The cache did not have the entry.
    Miss,
}

impl From<bool> for CacheAccess {
    fn from(hit: bool) -> Self {
        if hit { Self::Hit } else { Self::Miss }
    }
}

impl<T> From<&Option<T>> for CacheAccess {
    fn from(entry: &Option<T>) -> Self {
        entry.is_some().into()
    }
}

/// Counts a lookup in the cache `cache_type`: a hit in `mcp_hub_cache_hits_total`, a miss in
/// `mcp_hub_cache_misses_total`. An `Option` is a hit if it is `Some`.
///
/// ```
/// use mcp_metrics::{CacheAccess, track_cache_access};
///
/// track_cache_access("llm", CacheAccess::Hit);
///
/// let entry: Option<&str> = None;
/// track_cache_access("llm", &entry); // a miss
/// ```
pub fn track_cache_access(cache_type: impl Into<SharedString>, access: impl Into<CacheAccess>) {
    let family = match access.into() {
        CacheAccess::Hit => CACHE_HITS,
        CacheAccess::Miss => CACHE_MISSES,
    };
    increment(family, &[cache_type.into()]);
}

/// Counts a failed attempt of a retry loop of `service` in `mcp_hub_retries_total`. If `exhausted`,
/// also counts that the loop gave up, in `mcp_hub_retries_exhausted_total`.
///
/// Attempts are numbered from 1; those above 16 share the label `16+`.
/// [`tracked_retry`](crate::tracked_retry) generates these calls.
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
    increment(RETRIES, &[service, attempt_label(attempt).into()]);
}

/// Returns the label of an attempt. Attempts are numbered from 1.
fn attempt_label(attempt: u32) -> &'static str {
    ATTEMPTS[attempt.clamp(1, LAST_ATTEMPT) as usize - 1]
}

/// Returns the labels of the first `attempts` attempts.
#[cfg(feature = "exporter")]
pub(super) fn attempt_labels(attempts: u32) -> &'static [&'static str] {
    &ATTEMPTS[..attempts.clamp(1, LAST_ATTEMPT) as usize]
}

/// Counts a retry loop that gave up.
pub(crate) fn retries_exhausted(service: SharedString) {
    increment(RETRIES_EXHAUSTED, &[service]);
}

/// Adds one to the series of `family` with these label values, in the catalogue's order.
#[inline]
pub(super) fn increment(family: FamilyId, values: &[SharedString]) {
    if reentrancy::is_suppressed() {
        return;
    }
    match Dispatch::get() {
        Dispatch::FastPath(registry) => registry.increment(family, values),
        Dispatch::Facade => increment_facade(family, values),
        Dispatch::Noop => {}
    }
}

#[cold]
fn increment_facade(family: FamilyId, values: &[SharedString]) {
    let _guard = reentrancy::suppress();
    let key = key(family, values);
    lost::count(&key);
    metrics::with_recorder(|recorder| recorder.register_counter(&key, &METADATA)).increment(1);
}

/// Returns the key of a series for the facade.
pub(super) fn key(family: FamilyId, values: &[SharedString]) -> Key {
    let family = family.family();
    let labels = family.labels.iter().zip(values);
    let labels: Vec<_> = labels
        .map(|(name, value)| Label::new(*name, value.clone()))
        .collect();
    Key::from_parts(family.name, labels)
}
