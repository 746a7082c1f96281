//! The hub's side of the scraped program: requests and events.

use std::future::{Future, pending};
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;

use mcp_metrics::{
    ErrorType, ExecutionStatus, Request, track_cache_access, track_code_execution, track_llm_call,
    track_request, track_retry, track_search_call, tracked,
};
use mcp_metrics_tests::{PROVOKED, panics};

/// Label sets per family. [`record`] and the facade's recordings stay below it.
pub(crate) const LABEL_LIMIT: usize = 24;

/// Values that each format must escape, or must not take for its own syntax.
const HOSTILE: [&str; 9] = [
    "",
    "quote \"",
    "backslash \\",
    "two backslashes \\\\",
    "line\nfeed",
    "backslash and n \\n",
    "brace } and value 7",
    "a=\"b\",c=\"d\"",
    "é\u{1f980}\t",
];

#[derive(Debug, ErrorType)]
enum PlanError {
    Timeout,
    #[error_type("Upstream \"5xx\"")]
    Upstream,
    #[expect(dead_code, reason = "its label must appear at zero")]
    NotFound,
}

#[tracked("planner", "plan")]
fn plan(outcome: Result<(), PlanError>) -> Result<(), PlanError> {
    outcome
}

#[tracked("planner", "crash")]
fn crash() {
    panic!("{PROVOKED}");
}

#[tracked("idle", "never_called")]
fn never_called() -> Result<(), PlanError> {
    Ok(())
}

#[tracked("fetcher", "fetch")]
async fn fetch(ok: bool) -> io::Result<u8> {
    std::future::ready(()).await;
    if ok {
        Ok(1)
    } else {
        Err(io::ErrorKind::TimedOut.into())
    }
}

#[tracked("fetcher", "wait")]
async fn wait() {
    pending::<()>().await;
}

#[tracked("literal \"\\\n}", "é")]
fn hostile_literal() {}

/// Operations in flight until it is dropped.
pub(crate) struct InFlight {
    _requests: [Request; 2],
    _future: Pin<Box<dyn Future<Output = ()>>>,
}

/// Records requests and events, and returns the operations that are still in flight.
pub(crate) fn record() -> InFlight {
    std::hint::black_box(never_called as fn() -> _);
    record_literal_labels();
    record_dynamic_labels();
    record_events();
    let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(wait());
    assert!(poll(future.as_mut()).is_pending());
    InFlight {
        _requests: [
            track_request("planner", "plan").start(),
            track_request("streamer", "stream").start(),
        ],
        _future: future,
    }
}

fn record_literal_labels() {
    for outcome in [
        Ok(()),
        Ok(()),
        Err(PlanError::Timeout),
        Err(PlanError::Upstream),
    ] {
        // The outcome is recorded; the value has no further use.
        let _ = plan(outcome);
    }
    panics(crash);
    hostile_literal();
    for ok in [true, true, false] {
        assert!(poll(pin!(fetch(ok))).is_ready());
    }
    // Polled once and dropped: cancelled.
    assert!(poll(pin!(wait())).is_pending());
}

fn record_dynamic_labels() {
    for value in HOSTILE {
        track_request(value, "run").run(|| ());
        track_request("hostile", "fail")
            .start()
            .failure(value.to_owned());
    }
    track_request(String::from("planner"), "dynamic").run(|| ());
    track_request("planner", "plan").start().failure("Dynamic");
    drop(track_request("dropped", "request").start());
    panics(AssertUnwindSafe(|| {
        let _request = track_request("dropped", "panic").start();
        panic!("{PROVOKED}");
    }));
}

fn record_events() {
    track_llm_call("openai", "gpt-4");
    track_llm_call("openai", "gpt-4");
    track_llm_call(String::from("local \"x\""), "");
    (0..3).for_each(|_| track_search_call());
    (0..5).for_each(|_| track_code_execution(ExecutionStatus::Success));
    track_code_execution(ExecutionStatus::Failure);
    for hit in [true, false, true] {
        track_cache_access("llm", hit);
    }
    track_cache_access("only \\ misses", false);
    track_retry("llm_api", 1, false);
    track_retry("llm_api", 2, true);
    for attempt in [0, 10, 16, 17] {
        track_retry("search", attempt, false);
    }
}

/// Records from a thread that ends, so that the scrape merges counts of live and ended threads.
///
/// The thread sees only the global recorder.
pub(crate) fn record_on_threads() {
    let thread = thread::spawn(|| {
        plan(Ok(())).expect("the outcome is passed through");
        let _ = plan(Err(PlanError::Timeout));
        track_request("planner", "dynamic")
            .start()
            .failure("OnThread");
        track_search_call();
    });
    thread.join().expect("the thread does not panic");
}

/// Records label sets above [`LABEL_LIMIT`].
pub(crate) fn record_over_the_limit() {
    for n in 0..LABEL_LIMIT {
        track_llm_call("openai", format!("model {n}"));
        track_request("planner", format!("operation {n}")).run(|| ());
        metrics::counter!("acme_overflow_total", "b" => n.to_string(), "a" => "1").increment(1);
    }
    track_llm_call("new provider", "new model");
    track_request("new agent", "new operation")
        .start()
        .failure("NewError");
    metrics::counter!("acme_overflow_total", "b" => "x", "a" => "2").increment(7);
    (0..=LABEL_LIMIT).for_each(|n| {
        let request = track_request("planner", "plan").start();
        request.failure(format!("Error {n}"));
    });
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
