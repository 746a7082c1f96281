//! A global allocator whose own functions are tracked. One test, because it is the allocator of the
//! whole process.

#![allow(unsafe_code, reason = "an allocator is unsafe to write")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use mcp_metrics::{track_llm_call, track_request, tracked};
use mcp_metrics_tests::{exporter, scrape};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[tracked("allocator", "allocate")]
fn note() -> Result<usize, &'static str> {
    match ALLOCATIONS.fetch_add(1, Ordering::Relaxed) {
        n if n % 3 == 0 => Err("every third"),
        n => Ok(n),
    }
}

/// An error whose label is formatted from its type name, which allocates.
struct Error;

#[tracked("allocator", "refuse")]
fn refuse() -> Result<(), Error> {
    Err(Error)
}

// SAFETY: all calls are forwarded to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = (note(), refuse());
        // SAFETY: the caller upholds the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let _ = note();
        // SAFETY: the caller upholds the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn tracked_allocator_does_not_record_allocations_of_recordings() {
    exporter();
    for n in 0..100 {
        track_request(format!("dynamic-{n}"), "run")
            .start()
            .failure(format!("Error{n}"));
        track_llm_call("test", format!("model-{n}"));
    }
    let scrape = scrape();
    let counts = scrape.requests("allocator", "allocate");
    assert!(
        counts.success > 100.0 && counts.failed["str"] > 50.0,
        "{counts:?}"
    );
    assert_eq!(counts.total, counts.success + counts.failed["str"]);
    assert_eq!(counts.total, counts.observed);
    let refused = scrape.requests("allocator", "refuse");
    assert!(refused.total > 100.0, "{refused:?}");
    assert_eq!(refused.failed["allocator::Error"], refused.total);
    assert_eq!(
        scrape.sum("mcp_hub_llm_api_calls_total", &[("provider", "test")]),
        100.0
    );
    assert_eq!(scrape.requests("dynamic-7", "run").failed["Error7"], 1.0);
}
