//! Makes tracked calls of one kind, for callgrind to count.
//!
//! `instructions KIND CALLS`; `counts.rs` has the kinds.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use mcp_metrics::{ErrorType, Exporter, tracked};

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
        "literal labels" | "no recorder" => succeed,
        "failing" => fail,
        "async" => poll_once,
        "chosen labels" => choose,
        _ => panic!("{kind}: no such kind of call"),
    };
    if kind != "no recorder" {
        let exporter = Exporter::builder().without_system_metrics().install();
        exporter.expect("nothing else is installed");
    }
    // What is done only once is not counted.
    for n in 0..100 {
        let _ = black_box(call(n));
    }
    measured(call, calls);
}
