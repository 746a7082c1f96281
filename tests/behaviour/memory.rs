//! Memory growth of calls that are never scraped. One test, because the allocator counts for the
//! whole process.

use std::alloc::System;
use std::thread;

use mcp_metrics::{Exporter, track_request, tracked};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tracked("memory", "call")]
fn call(fail: bool) -> Result<(), u8> {
    if fail { Err(1) } else { Ok(()) }
}

/// Records literal labels and dynamic label sets: more sets than a thread has cache slots, each
/// often enough to evict others, and more than the cardinality limit admits.
fn calls() {
    for n in 0..1_000 {
        let _ = call(n % 10 == 0);
    }
    for agent in 0..300 {
        for n in 0..70 {
            let request = track_request(format!("agent-{agent}"), "run").start();
            match n {
                0 => request.failure("Refused"),
                1 => drop(request),
                _ => request.success(),
            }
        }
    }
    for agent in 0..2_000 {
        track_request(format!("another-{agent}"), "run").run(|| ());
    }
}

fn on_new_threads(times: usize) {
    for _ in 0..times {
        let threads = [thread::spawn(calls), thread::spawn(calls)];
        for thread in threads {
            thread.join().expect("no call panics");
        }
    }
}

/// Returns the bytes that are allocated and not freed.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

#[test]
fn memory_does_not_grow_with_calls_threads_or_labels_above_the_limit() {
    let exporter = Exporter::builder().without_system_metrics().install();
    let exporter = exporter.expect("nothing else installs a recorder in this process");
    on_new_threads(3);
    let before = held();
    on_new_threads(20);
    let grown = held().saturating_sub(before);
    assert_eq!(grown, 0, "the allocated bytes grew");
    assert!(exporter.render().contains("agent=\"other\""));
}
