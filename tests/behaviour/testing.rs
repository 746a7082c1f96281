//! `mcp_metrics::testing`, used as in a user's unit tests.

use std::thread;

use mcp_metrics::testing::{Recording, record};
use mcp_metrics::{
    ErrorType, ExecutionStatus, track_cache_access, track_code_execution, track_llm_call,
    track_request, track_retry, track_search_call, tracked,
};
use mcp_metrics_tests::{exporter, panics, scrape};

#[path = "testing/futures.rs"]
mod futures;

#[derive(Debug, ErrorType)]
enum SearchError {
    Timeout,
}

#[tracked("web_search", "search")]
fn search(fail: bool) -> Result<u8, SearchError> {
    if fail {
        Err(SearchError::Timeout)
    } else {
        Ok(7)
    }
}

#[test]
fn requests_of_a_closure_are_recorded() {
    let (values, metrics) = record(|| [search(false), search(true), search(true)]);
    assert!(values[0].is_ok());
    let requests = metrics.requests("web_search", "search");
    assert_eq!((requests.total, requests.success), (3, 1));
    assert_eq!((requests.observed, requests.active), (3, 0));
    assert_eq!(requests.failed_as("Timeout"), 2);
    requests.assert(1, &[("Timeout", 2), ("panic", 0)]);
    metrics.requests("web_search", "crawl").assert(0, &[]);
}

#[test]
fn every_family_can_be_queried() {
    let ((), metrics) = record(|| {
        track_llm_call("openai", "gpt-4");
        track_llm_call("openai", "gpt-5");
        track_search_call();
        track_code_execution(ExecutionStatus::Failure);
        track_cache_access("llm", true);
        track_retry("llm_api", 2, true);
        metrics::counter!("queue.joined", "shard name" => "a \"b\"\n").increment(5);
        metrics::gauge!("queue.length", "shard" => "a").set(2.5);
        metrics::gauge!("queue.length", "shard" => "b").set(-1.0);
        metrics::histogram!("queue.wait", "shard" => "a").record(0.02);
        metrics::histogram!("queue.wait", "shard" => "b").record(3.0);
    });
    let calls = |labels| metrics.counter("mcp_hub_llm_api_calls_total", labels);
    assert_eq!(calls(&[("provider", "openai")]), 2);
    assert_eq!(calls(&[("model", "gpt-5"), ("provider", "openai")]), 1);
    assert_eq!(calls(&[("provider", "anthropic")]), 0);
    assert_eq!(metrics.counter("mcp_hub_search_api_calls_total", &[]), 1);
    let failures = [("status", "failure")];
    assert_eq!(
        metrics.counter("mcp_hub_code_executions_total", &failures),
        1
    );
    assert_eq!(metrics.counter("mcp_hub_cache_misses_total", &[]), 0);
    assert_eq!(
        metrics.counter("mcp_hub_retries_total", &[("attempt", "2")]),
        1
    );

    // Names are accepted as recorded and as rendered.
    let shard = [("shard name", "a \"b\"\n")];
    assert_eq!(metrics.counter("queue.joined", &shard), 5);
    assert_eq!(
        metrics.counter("queue_joined", &[("shard_name", shard[0].1)]),
        5
    );
    assert_eq!(metrics.gauge("queue.length", &[]), Some(1.5));
    assert_eq!(metrics.gauge("queue.length", &[("shard", "c")]), None);
    let waited = metrics.histogram("queue.wait", &[]);
    assert_eq!((waited.count, waited.sum), (2, 3.02));
    let bucket = |bound| waited.buckets.iter().find(|(b, _)| *b == bound).unwrap().1;
    assert_eq!((bucket(0.01), bucket(0.025), bucket(5.0)), (0, 1, 2));
    assert_eq!(metrics.histogram("queue.wait", &[("shard", "b")]).sum, 3.0);
    assert_eq!(metrics.histogram("queue.never", &[]).count, 0);
}

#[test]
fn recording_displays_its_series() {
    let metrics = Recording::default();
    assert_eq!(metrics.to_string(), "mcp_hub_search_api_calls_total 0\n");
    metrics.run(|| track_llm_call("openai", "gpt-4"));
    let line = r#"mcp_hub_llm_api_calls_total{provider="openai",model="gpt-4"} 1"#;
    let text = format!("{line}\nmcp_hub_search_api_calls_total 0\n");
    assert_eq!(metrics.to_string(), text);
    assert!(format!("{metrics:?}").contains("gpt-4"));
    assert!(
        metrics
            .render()
            .contains("# TYPE mcp_hub_cpu_usage_percent gauge\n")
    );
}

fn panic_quietly() {
    panic!("provoked by a test")
}

#[test]
fn recording_can_be_queried_after_a_panic() {
    let metrics = Recording::new();
    panics(|| {
        metrics.run(|| {
            track_request("web_search", "crash").run(|| assert_eq!(search(false).unwrap(), 7));
            track_request("web_search", "crash").run(panic_quietly);
        });
    });
    metrics
        .requests("web_search", "crash")
        .assert(1, &[("panic", 1)]);
    metrics.requests("web_search", "search").assert(1, &[]);
    // The thread no longer records to it.
    assert!(search(true).is_err());
    metrics.requests("web_search", "search").assert(1, &[]);
}

#[test]
fn inner_of_two_nested_recordings_records() {
    let (inner, outer) = record(|| {
        assert!(search(false).is_ok());
        let (_, inner) = record(|| search(true));
        assert!(search(false).is_ok());
        inner
    });
    outer.requests("web_search", "search").assert(2, &[]);
    inner
        .requests("web_search", "search")
        .assert(0, &[("Timeout", 1)]);
}

#[test]
fn recordings_and_the_installed_exporter_are_isolated() {
    exporter();
    let before = scrape().requests("web_search", "installed");
    let call = |n: u8| (0..n).for_each(|_| track_request("web_search", "installed").run(|| ()));
    call(1);
    let ((), metrics) = record(|| call(3));
    call(1);
    metrics.requests("web_search", "installed").assert(3, &[]);
    let after = scrape().requests("web_search", "installed");
    assert_eq!(after.success, before.success + 2.0);
}

#[test]
fn parallel_recordings_are_isolated() {
    exporter();
    thread::scope(|scope| {
        for calls in 1..=16 {
            scope.spawn(move || {
                let ((), metrics) = record(|| {
                    for _ in 0..calls * 10 {
                        search(true).unwrap_err();
                        thread::yield_now();
                    }
                });
                metrics
                    .requests("web_search", "search")
                    .assert(0, &[("Timeout", calls * 10)]);
            });
        }
    });
}
