//! Recordings under a recorder of another crate, in every configuration of features.
//!
//! Without the feature `exporter` this is the only way to record:
//! `cargo test -p mcp-metrics --no-default-features --test facade`.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use mcp_metrics::{
    CacheAccess, CodeExecution, ErrorType, ExecutionStatus, Outcome, track_cache_access,
    track_code_execution, track_llm_call, track_request, track_retry, track_search_call, tracked,
    tracked_cache, tracked_execution, tracked_functions, tracked_llm, tracked_retry,
    tracked_search,
};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

#[derive(Debug, ErrorType)]
enum Failure {
    Timeout,
}

#[tracked("library", "parse")]
fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}

#[tracked(agent = agent.to_owned(), operation = "wait")]
async fn wait(agent: &str, ready: bool) -> Result<(), Failure> {
    if !ready {
        std::future::pending::<()>().await;
    }
    Err(Failure::Timeout)
}

#[tracked("library", "panic")]
fn panic() {
    panic!("expected");
}

#[tracked_llm("openai", "gpt-4")]
fn complete() {}

#[tracked_search]
fn search() {}

#[tracked_execution]
fn execute() -> Result<(), Failure> {
    Err(Failure::Timeout)
}

#[tracked_cache("answers")]
fn look_up(found: bool) -> Option<u8> {
    found.then_some(1)
}

#[tracked_retry("backend")]
fn retry() -> Result<u8, Failure> {
    for attempt in 1..=3 {
        let result = if attempt < 3 {
            Err(Failure::Timeout)
        } else {
            Ok(7)
        };
        if let Ok(value) = result {
            return Ok(value);
        }
    }
    Err(Failure::Timeout)
}

/// The values of counters and gauges, and the number of observations of histograms, by series as in
/// the text format.
fn recorded(body: impl FnOnce()) -> BTreeMap<String, f64> {
    let recorder = DebuggingRecorder::new();
    metrics::with_local_recorder(&recorder, body);
    let snapshot = recorder.snapshotter().snapshot().into_vec();
    let series = snapshot.into_iter().map(|(key, _, _, value)| {
        let (name, labels) = key.key().clone().into_parts();
        let labels = labels
            .iter()
            .map(|label| format!("{}={}", label.key(), label.value()));
        let labels = labels.collect::<Vec<_>>().join(",");
        let value = match value {
            DebugValue::Counter(value) => f64::from(u32::try_from(value).unwrap()),
            DebugValue::Gauge(value) => value.into_inner(),
            DebugValue::Histogram(values) => f64::from(u32::try_from(values.len()).unwrap()),
        };
        (format!("{}{{{labels}}}", name.as_str()), value)
    });
    series.collect()
}

#[track_caller]
fn assert_recorded(recorded: &BTreeMap<String, f64>, expected: &[(&str, f64)]) {
    let expected = expected
        .iter()
        .map(|(series, value)| (String::from(*series), *value));
    assert_eq!(*recorded, expected.collect());
}

/// Polls a future once.
fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn tracked_call_is_recorded_by_the_current_recorder() {
    let metrics = recorded(|| {
        assert_eq!(parse("7"), Ok(7));
        assert!(parse("seven").is_err());
    });
    assert_recorded(
        &metrics,
        &[
            ("mcp_hub_requests_total{agent=library,operation=parse}", 2.0),
            (
                "mcp_hub_requests_success_total{agent=library,operation=parse}",
                1.0,
            ),
            (
                "mcp_hub_requests_failed_total{agent=library,operation=parse,error_type=ParseIntError}",
                1.0,
            ),
            (
                "mcp_hub_request_duration_seconds{agent=library,operation=parse}",
                2.0,
            ),
            ("mcp_hub_active_operations{agent=library}", 0.0),
        ],
    );
}

#[test]
fn future_with_dynamic_labels_is_recorded_when_it_ends_or_is_dropped() {
    let metrics = recorded(|| {
        assert!(matches!(poll(wait("planner", true)), Poll::Ready(Err(_))));
        assert!(poll(wait("planner", false)).is_pending());
        drop(wait("never polled", true));
    });
    assert_recorded(
        &metrics,
        &[
            ("mcp_hub_requests_total{agent=planner,operation=wait}", 2.0),
            (
                "mcp_hub_requests_success_total{agent=planner,operation=wait}",
                0.0,
            ),
            (
                "mcp_hub_requests_failed_total{agent=planner,operation=wait,error_type=Timeout}",
                1.0,
            ),
            (
                "mcp_hub_requests_failed_total{agent=planner,operation=wait,error_type=cancelled}",
                1.0,
            ),
            (
                "mcp_hub_request_duration_seconds{agent=planner,operation=wait}",
                2.0,
            ),
            ("mcp_hub_active_operations{agent=planner}", 0.0),
        ],
    );
}

#[test]
fn panic_is_recorded_as_a_failure() {
    let metrics = recorded(|| {
        catch_unwind(AssertUnwindSafe(panic)).unwrap_err();
    });
    let failed = "mcp_hub_requests_failed_total{agent=library,operation=panic,error_type=panic}";
    assert_eq!(metrics[failed], 1.0);
    assert_eq!(metrics["mcp_hub_active_operations{agent=library}"], 0.0);
}

#[test]
fn events_are_recorded_by_attributes_and_functions() {
    let metrics = recorded(|| {
        complete();
        track_llm_call("openai", "gpt-4");
        search();
        track_search_call();
        execute().unwrap_err();
        track_code_execution(ExecutionStatus::Success);
        CodeExecution::start().finish(ExecutionStatus::Success);
        look_up(true);
        look_up(false);
        track_cache_access("answers", CacheAccess::Hit);
        retry().unwrap();
        track_retry("backend", 3, true);
    });
    assert_recorded(
        &metrics,
        &[
            (
                "gen_ai_client_operation_duration_seconds{gen_ai_operation_name=chat,gen_ai_provider_name=openai,gen_ai_request_model=gpt-4}",
                1.0,
            ),
            (
                "mcp_hub_llm_api_calls_total{provider=openai,model=gpt-4}",
                2.0,
            ),
            ("mcp_hub_search_api_calls_total{}", 2.0),
            ("mcp_hub_code_executions_total{status=failure}", 1.0),
            ("mcp_hub_code_executions_total{status=success}", 2.0),
            ("mcp_hub_cache_hits_total{cache_type=answers}", 2.0),
            ("mcp_hub_cache_misses_total{cache_type=answers}", 1.0),
            ("mcp_hub_retries_total{service=backend,attempt=1}", 1.0),
            ("mcp_hub_retries_total{service=backend,attempt=2}", 1.0),
            ("mcp_hub_retries_total{service=backend,attempt=3}", 1.0),
            ("mcp_hub_retries_exhausted_total{service=backend}", 1.0),
        ],
    );
}

#[test]
fn request_by_hand_has_the_outcome_of_its_value() {
    let metrics = recorded(|| {
        let result = track_request("library", "custom").run(|| Err::<(), _>(Failure::Timeout));
        assert_eq!(result.failure().as_deref(), Some("Timeout"));
        track_request("library", "custom").start().success();
    });
    let failed = "mcp_hub_requests_failed_total{agent=library,operation=custom,error_type=Timeout}";
    assert_eq!(metrics[failed], 1.0);
    let succeeded = "mcp_hub_requests_success_total{agent=library,operation=custom}";
    assert_eq!(metrics[succeeded], 1.0);
}

#[test]
fn tracked_functions_are_listed_without_a_recorder() {
    let functions = tracked_functions().into_iter();
    let operations: Vec<_> = functions.map(|it| (it.agent, it.operation)).collect();
    assert_eq!(operations, [("library", "panic"), ("library", "parse")]);
}

#[test]
fn calls_without_a_recorder_return_their_values() {
    assert_eq!(parse("7"), Ok(7));
    assert!(poll(wait("planner", false)).is_pending());
    assert_eq!(retry().unwrap(), 7);
}
