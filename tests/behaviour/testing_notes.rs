//! Notes on standard error about queries that probably have a typing error, which the test harness
//! shows if the test fails.

use std::env;
use std::process::Command;
use std::thread;

use mcp_metrics::testing::record;
use mcp_metrics::{catalog, track_llm_call, track_request};

/// Set in the process that runs the test that fails.
const FAILS: &str = "TESTING_NOTES_FAILS";

/// Queries with and without typing errors. Each is repeated, as by a test that waits for a value.
fn query_and_fail() {
    let ((), metrics) = record(|| {
        metrics::counter!("queue_joined", "shard" => "a").increment(5);
        metrics::histogram!("other").record(1.0);
        track_request("planner", "plan").run(|| ());
        let lost = thread::spawn(|| track_llm_call("openai", "gpt-4"));
        lost.join().expect("no panic");
    });
    let joined = |name, labels: &[_]| metrics.counter(name, labels);
    for _ in 0..3 {
        assert_eq!(joined("queue_joind", &[]), 0);
        assert_eq!(joined("queue_joined", &[("shrad", "a")]), 0);
        assert_eq!(metrics.requests("planner", "pln").total, 0);
        // No typing errors.
        let anthropic = [("provider", "anthropic")];
        assert_eq!(joined(catalog::LLM_CALLS, &anthropic), 0);
        assert_eq!(joined("queue_joined", &[("shard", "a")]), 5);
        assert_eq!(joined("queue_joined", &[("shard", "b")]), 0);
        assert_eq!(joined("unrelated", &[]), 0);
        assert_eq!(metrics.requests("judge", "rate").total, 0);
        // Lost.
        assert_eq!(joined(catalog::LLM_CALLS, &[("provider", "openai")]), 0);
    }
    panic!("as expected");
}

#[test]
fn failed_test_shows_one_note_for_each_suspicious_query() {
    if env::var_os(FAILS).is_some() {
        query_and_fail();
    }
    let test = "failed_test_shows_one_note_for_each_suspicious_query";
    let mut command = Command::new(env::current_exe().expect("the path of this test"));
    command.args(["--exact", test]).env(FAILS, "");
    let output = command.output().expect("the test runs");
    assert!(!output.status.success(), "the test should have failed");
    // The harness prints the captured output of a failed test to standard output.
    let output = String::from_utf8_lossy(&output.stdout);
    assert!(output.contains("as expected"), "{output}");
    let notes = output.lines().filter(|line| line.starts_with("note: "));
    let notes: Vec<_> = notes
        .filter(|line| !line.contains("RUST_BACKTRACE"))
        .collect();
    assert_eq!(
        notes,
        [
            "note: no metric `queue_joind` was recorded; the nearest name is `queue_joined`",
            "note: no series of `queue_joined` has a label `shrad`; the nearest label is `shard`",
            "note: no requests of agent `planner`, operation `pln` were recorded; did you mean \
             agent `planner`, operation `plan`?",
            "note: `mcp_hub_llm_api_calls_total` may be incomplete: 1 recording was made on \
             threads or in tasks without a recording, by this or another test: \
             mcp_hub_llm_api_calls_total{provider=\"openai\",model=\"gpt-4\"}; see \"Scope of a \
             recording\" in the documentation of `mcp_metrics::testing`",
        ],
        "{output}"
    );
}
