//! Makes tracked calls of one kind, for callgrind to count.
//!
//! `instructions KIND CALLS`; `counts.rs` has the kinds.

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
        Poll::Pending => unreachable!("nothing is waited for"),
    }
}

#[tracked(agent = AGENTS[n as usize % AGENTS.len()], operation = "choose")]
#[inline(never)]
fn choose(n: u32) -> Result<u32, Refused> {
    Ok(black_box(n))
}

const AGENTS: [&str; 4] = ["planner", "web_search", "llm_processor", "code_runner"];

#[inline(never)]
#[expect(clippy::unnecessary_wraps, reason = "to be like the others")]
fn untracked(n: u32) -> Result<u32, Refused> {
    Ok(black_box(n))
}

/// A recorder that takes no room, as the one takes none that does nothing: optimised programs alone
/// tell that one from others.
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

/// What is counted.
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
    let calls = calls.expect("how many calls?");
    let call: Call = match &*kind {
        "untracked" => untracked,
        "literal labels" | "no recorder" | "another recorder" => succeed,
        "failing" => fail,
        "async" => poll_once,
        "chosen labels" => choose,
        _ => panic!("{kind}: no such kind of call"),
    };
    match &*kind {
        "no recorder" => {}
        "another recorder" => {
            metrics::set_global_recorder(Registrations).expect("there is no other");
        }
        _ => {
            let exporter = Exporter::builder().without_system_metrics().install();
            exporter.expect("nothing else is installed");
        }
    }
    // What is done only once is not counted.
    let first = 100;
    for n in 0..first {
        let _ = black_box(call(n));
    }
    measured(call, calls);
    if kind == "another recorder" {
        // Those of a request and of its success.
        let registrations = REGISTRATIONS.load(Ordering::Relaxed);
        assert_eq!(registrations, 2 * (first + calls), "all are told of");
    }
}
