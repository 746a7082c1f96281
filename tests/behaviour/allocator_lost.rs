//! A global allocator whose functions are tracked, while tests record. It allocates where nothing
//! is recorded, too, so its requests are lost. One test, because it is the allocator of the whole
//! process.

#![allow(unsafe_code, reason = "an allocator is unsafe to write")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::thread;

use mcp_metrics::testing::Recording;
use mcp_metrics::{track_request, tracked};

struct Tracked;

#[tracked("allocator", "allocate")]
fn allocate() {}

// SAFETY: all calls are forwarded to the system allocator.
unsafe impl GlobalAlloc for Tracked {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocate();
        // SAFETY: the caller upholds the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Tracked = Tracked;

#[test]
fn lost_recordings_of_a_tracked_allocator_are_counted() {
    let metrics = Recording::new();
    let before = metrics.lost().count;
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..10 {
                    track_request(format!("agent-{n}"), "run").run(|| ());
                    assert!(metrics.lost().count > before);
                }
            });
        }
    });
    let lost = metrics.lost();
    assert!(lost.count >= before + 80, "{lost}");
    let allocations = r#"mcp_hub_requests_total{agent="allocator",operation="allocate"}"#;
    assert!(lost.series.iter().any(|it| it == allocations), "{lost}");
    metrics.run(|| drop(vec![1]));
    let allocated = metrics.requests("allocator", "allocate");
    allocated.assert_success(allocated.total);
    assert!(allocated.total > 0, "{allocated}");
}
