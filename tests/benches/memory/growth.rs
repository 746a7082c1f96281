//! Memory growth with the number of calls, threads and label values, and the memory of a callsite.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use mcp_metrics::{Exporter, track_request, tracked};
use mcp_metrics_benches::{Bar, float, in_own_process, option, quick, resident};

use crate::held;

/// Names of the workloads, and descriptions that follow their number.
const WAYS: [(&str, &str); 4] = [
    ("calls", "tracked calls without a scrape"),
    ("threads", "threads that call and end"),
    ("turns", "threads that call for 300 agents in turns"),
    ("labels", "agents beyond the limit"),
];

macro_rules! sites {
    ($($function:ident)*) => {
        /// Tracked functions that do nothing.
        const SITES: [fn(usize) -> usize; [$(stringify!($function)),*].len()] = {
            $(
                #[tracked(agent = "growth")]
                #[inline(never)]
                fn $function(n: usize) -> usize {
                    black_box(n)
                }
            )*
            [$($function),*]
        };
    };
}

sites! {
    a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9
    d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9
    g0 g1 g2 g3
}

pub(crate) fn print() -> Vec<Bar> {
    println!("\n## Growth\n");
    println!(
        "| after a tenth as many to warm up | growth of allocated bytes | of resident bytes |"
    );
    println!("|---|--:|--:|");
    let mut bars = Vec::new();
    let scale = if quick() { 10 } else { 1 };
    let calls = option("--calls").unwrap_or(100_000_000_usize / scale);
    for (way, what) in WAYS {
        let number = match way {
            "calls" => calls,
            "threads" => 10_000 / scale,
            "turns" => 1_000 / scale,
            _ => 1_000_000 / scale,
        };
        let number = number.to_string();
        let numbers = in_own_process(&["--growth", way, "--calls", &number]);
        let &[held, resident] = &*numbers else {
            panic!("expected two numbers, found {numbers:?}")
        };
        println!("| {number} {what} | {held} | {resident} |");
        bars.push(Bar {
            what: format!("growth of allocated bytes after {number} {what}"),
            most: 0.0,
            measured: held,
        });
    }
    let numbers = in_own_process(&["--growth", "sites"]);
    let &[thread, left] = &*numbers else {
        panic!("expected two numbers, found {numbers:?}")
    };
    println!("\n## Call sites\n");
    println!("| a call site | bytes |");
    println!("|---|--:|");
    println!("| per thread that calls it | {thread:.0} |");
    println!("| of these, after the thread ended | {left:.0} |");
    bars
}

/// Prints the growth of allocated and resident bytes during a workload, after a warm-up.
pub(crate) fn measure(way: &str) {
    let builder = Exporter::builder().without_system_metrics();
    let exporter = builder.install().expect("no other recorder is installed");
    if way == "sites" {
        return sites();
    }
    let number: usize = option("--calls").expect("`--calls` is given");
    let run = |number| match way {
        "calls" => calls(number),
        "threads" => threads(number),
        "turns" => turns(number),
        "labels" => labels(number),
        _ => panic!("unknown workload `{way}`"),
    };
    run(number / 10);
    let (held_before, resident_before) = (held(), resident());
    run(number);
    println!("{} {}", held() - held_before, resident() - resident_before);
    drop(exporter);
}

/// Makes calls from two threads at one callsite.
fn calls(number: usize) {
    thread::scope(|scope| {
        let call = || (0..number / 2).map(SITES[0]).max();
        // A scope ends before thread-local destructors have run; joining waits for them.
        let threads = [scope.spawn(call), scope.spawn(call)];
        let called = threads.map(thread::ScopedJoinHandle::join);
        assert!(called.iter().all(Result::is_ok), "a thread panicked");
    });
}

/// Starts threads that call all callsites.
fn threads(number: usize) {
    for n in 0..number {
        let called = thread::scope(|scope| {
            let calls = scope.spawn(|| SITES.iter().map(|site| site(n)).max());
            calls.join()
        });
        assert!(called.is_ok(), "a thread panicked");
    }
}

/// Starts threads that call for more agents than the per-thread cache holds, each often enough to
/// evict others.
fn turns(number: usize) {
    for _ in 0..number {
        let called = thread::scope(|scope| {
            let calls = scope.spawn(|| {
                for agent in 0..300 {
                    for _ in 0..70 {
                        track_request(format!("agent-{agent}"), "run").run(|| ());
                    }
                }
            });
            calls.join()
        });
        assert!(called.is_ok(), "a thread panicked");
    }
}

/// Records label values that never repeat.
fn labels(number: usize) {
    for n in 0..number {
        track_request(format!("agent-{:?}-{n}", Instant::now()), "run")
            .start()
            .failure("Refused");
    }
}

/// Prints the bytes that a callsite takes per thread, and after the thread ended.
fn sites() {
    let call_all = || SITES.iter().map(|site| site(1)).max();
    call_all();
    // A second thread excludes memory that any first thread allocates.
    let called = thread::scope(|scope| scope.spawn(call_all).join());
    assert!(called.is_ok(), "a thread panicked");
    let before = held();
    let barrier = Barrier::new(2);
    let during = thread::scope(|scope| {
        let calls = scope.spawn(|| {
            barrier.wait();
            barrier.wait();
            call_all();
            barrier.wait();
            barrier.wait();
        });
        barrier.wait();
        let before = held();
        barrier.wait();
        barrier.wait();
        let during = held() - before;
        barrier.wait();
        assert!(calls.join().is_ok(), "a thread panicked");
        during
    });
    let sites = float(SITES.len());
    println!("{} {}", during / sites, (held() - before) / sites);
}
