//! Recordings that no recording of `mcp_metrics::testing` sees.

#[cfg(feature = "rmcp")]
#[path = "testing_lost/mcp.rs"]
mod mcp;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use mcp_metrics::testing::{Recording, record, record_async};
use mcp_metrics::{track_cache_access, track_llm_call, track_request, track_search_call, tracked};
use metrics_util::debugging::DebuggingRecorder;

/// Lost recordings are those of the whole process, so each test holds this lock.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[tracked("planner", "plan")]
fn plan() {}

#[tracked("planner", "wait")]
async fn wait() {}

/// Runs `body` on a thread of its own, which has no recorder.
fn on_a_thread(body: impl FnOnce() + Send) {
    thread::scope(|scope| scope.spawn(body).join()).expect("the body does not panic");
}

/// Returns the message of the failed assertion that `planner` has planned once.
fn message(metrics: &Recording) -> String {
    let planned = || metrics.requests("planner", "plan").assert(1, &[]);
    let payload = catch_unwind(AssertUnwindSafe(planned)).expect_err("the assertion fails");
    *payload.downcast().expect("a formatted message")
}

const PLAN: &str = r#"mcp_hub_requests_total{agent="planner",operation="plan"}"#;

#[test]
fn failed_assertion_names_recordings_of_spawned_threads() {
    let _alone = alone();
    let ((), metrics) = record(|| {
        on_a_thread(|| {
            track_llm_call("openai", "gpt-4");
            plan();
        });
    });
    assert_eq!(
        message(&metrics),
        format!(
            "requests of agent `planner`, operation `plan`\n\
             expected: 1 (1 succeeded, 1 observed, 0 active)\n\
             recorded: 0 (0 succeeded, 0 observed, 0 active)\n\
             note: no requests were recorded\n\
             note: 2 recordings were made on threads or in tasks without a recording, by this or \
             another test: {PLAN}, \
             mcp_hub_llm_api_calls_total{{provider=\"openai\",model=\"gpt-4\"}}; see \"Scope of a \
             recording\" in the documentation of `mcp_metrics::testing`"
        )
    );
}

#[test]
fn every_kind_of_recording_is_counted_once() {
    let _alone = alone();
    let metrics = Recording::new();
    on_a_thread(|| {
        plan();
        plan();
        track_request(String::from("judge"), "rate")
            .start()
            .failure("Slow");
        track_request("judge", "rate")
            .run(|| "x".parse::<u8>())
            .unwrap_err();
        track_search_call();
        track_cache_access(String::from("llm"), true);
    });
    let lost = metrics.lost();
    assert_eq!(lost.count, 6);
    assert_eq!(
        lost.series,
        [
            PLAN,
            r#"mcp_hub_requests_total{agent="judge",operation="rate"}"#,
            "mcp_hub_search_api_calls_total",
            r#"mcp_hub_cache_hits_total{cache_type="llm"}"#,
        ]
    );
    assert!(
        lost.to_string().contains("6 recordings were made"),
        "{lost}"
    );
    assert!(
        lost.to_string()
            .contains("mcp_hub_search_api_calls_total, …;"),
        "{lost}"
    );
}

#[test]
fn spawned_task_without_the_recording_is_lost() {
    let _alone = alone();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .expect("a runtime");
    let spawning = record_async(async { tokio::spawn(wait()).await });
    let (result, metrics) = runtime.block_on(spawning);
    result.expect("the task ends");
    let wait = r#"mcp_hub_requests_total{agent="planner",operation="wait"}"#;
    assert_eq!(metrics.lost().count, 1);
    assert_eq!(metrics.lost().series, [wait]);

    let metrics = Recording::new();
    let task = runtime.spawn(metrics.run_async(wait_twice()));
    runtime.block_on(task).expect("the task ends");
    assert_eq!(metrics.lost().count, 0);
    metrics.requests("planner", "wait").assert(2, &[]);
}

async fn wait_twice() {
    wait().await;
    wait().await;
}

#[test]
fn failure_outside_the_recording_of_the_request_is_lost() {
    let _alone = alone();
    let (request, metrics) = record(|| track_request("planner", "plan").start());
    request.failure("Timeout");
    let failed =
        r#"mcp_hub_requests_failed_total{agent="planner",operation="plan",error_type="Timeout"}"#;
    assert_eq!(metrics.lost().series, [failed]);
    let message = message(&metrics);
    assert!(
        message.contains("note: 1 recording was made on"),
        "{message}"
    );
}

#[test]
fn recordings_with_a_recorder_are_not_lost() {
    let _alone = alone();
    let metrics = Recording::new();
    metrics.run(plan);
    let ((), inner) = record(plan);
    let foreign = DebuggingRecorder::new();
    metrics::with_local_recorder(&foreign, || {
        plan();
        track_search_call();
    });
    let clone = metrics.clone();
    on_a_thread(move || clone.run(plan));
    assert_eq!(metrics.lost().count, 0);
    assert!(metrics.lost().series.is_empty());
    metrics.requests("planner", "plan").assert(2, &[]);
    inner.requests("planner", "plan").assert(1, &[]);
    assert_eq!(foreign.snapshotter().snapshot().into_vec().len(), 5);
}

#[test]
fn recording_counts_from_its_creation() {
    let _alone = alone();
    plan();
    let early = Recording::new();
    plan();
    let late = Recording::new();
    track_search_call();
    assert_eq!((early.lost().count, late.lost().count), (2, 1));
    assert_eq!(late.lost().series, ["mcp_hub_search_api_calls_total"]);
    drop(late);
    plan();
    assert_eq!(early.lost().count, 3);
    drop(early);
    plan();
    let next = Recording::new();
    assert_eq!(next.lost().count, 0);
    // Passing assertions ignore what is lost.
    plan();
    next.requests("planner", "plan").assert(0, &[]);
}

#[test]
fn many_lost_recordings_are_counted_and_the_latest_are_named() {
    let _alone = alone();
    let metrics = Recording::new();
    track_search_call();
    on_a_thread(|| (0..10_000).for_each(|_| plan()));
    assert_eq!(metrics.lost().count, 10_001);
    assert_eq!(metrics.lost().series, [PLAN]);
}
