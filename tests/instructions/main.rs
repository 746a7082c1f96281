//! Makes tracked calls of one kind under callgrind.
//!
//! `instructions KIND CALLS`; the kinds are listed in `counts.rs`.

use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use mcp_metrics::{ErrorType, Exporter, tracked};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

#[derive(Debug, ErrorType)]
enum Refused {
    TooMuch,
}

type Call = fn(u32) -> Result<u32, Refused>;

#[tracked("instructions", "succeed")]
#[inline(never)]
fn succeed(n: u32) -> Result<u32, Refused> {
    Ok(black_box(n))
}

#[tracked("instructions", "fail")]
#[inline(never)]
fn fail(n: u32) -> Result<u32, Refused> {
    black_box(n);
    Err(Refused::TooMuch)
}

#[tracked("instructions", "ready")]
async fn ready(n: u32) -> Result<u32, Refused> {
    Ok(black_box(n))
}

#[inline(never)]
fn poll_once(n: u32) -> Result<u32, Refused> {
    match pin!(ready(n)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("the future awaits nothing"),
    }
}

#[tracked(agent = AGENTS[n as usize % AGENTS.len()], operation = "choose")]
#[inline(never)]
fn choose(n: u32) -> Result<u32, Refused> {
    Ok(black_box(n))
}

const AGENTS: [&str; 4] = ["planner", "web_search", "llm_processor", "code_runner"];

#[inline(never)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "all calls have the same signature"
)]
fn untracked(n: u32) -> Result<u32, Refused> {
    Ok(black_box(n))
}

/// A zero-sized recorder like the no-op one, from which only optimised programs distinguish it.
struct Registrations;

static REGISTRATIONS: AtomicU32 = AtomicU32::new(0);

impl Recorder for Registrations {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        REGISTRATIONS.fetch_add(1, Ordering::Relaxed);
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// Makes the calls that callgrind counts.
#[inline(never)]
fn measured(call: Call, calls: u32) {
    for n in 0..calls {
        let _ = black_box(call(black_box(n)));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().unwrap_or_default();
    let calls = arguments.next().and_then(|calls| calls.parse().ok());
    let calls = calls.expect("CALLS must be a number; expected `instructions KIND CALLS`");
    let call: Call = match &*kind {
        "untracked" => untracked,
        "literal labels" | "no recorder" | "another recorder" => succeed,
        "failing" => fail,
        "async" => poll_once,
        "chosen labels" => choose,
        _ => panic!("unknown kind of call `{kind}`; `counts.rs` lists the kinds"),
    };
    match &*kind {
        "no recorder" => {}
        "another recorder" => {
            metrics::set_global_recorder(Registrations).expect("no other recorder is installed");
        }
        _ => {
            let exporter = Exporter::builder().without_system_metrics().install();
            exporter.expect("no other recorder is installed");
        }
    }
    // Warms up, so that one-time work is not counted.
    let first = 100;
    for n in 0..first {
        let _ = black_box(call(n));
    }
    measured(call, calls);
    if kind == "another recorder" {
        // Each call registers the counters of requests and of successes.
        let registrations = REGISTRATIONS.load(Ordering::Relaxed);
        assert_eq!(
            registrations,
            2 * (first + calls),
            "every registration reaches the recorder"
        );
    }
}
