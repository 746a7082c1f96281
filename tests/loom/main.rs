//! Loom tests of the shards: their source is compiled with loom's atomics and locks. Each test runs
//! under all interleavings and memory orders, up to a number of preemptions.

#![cfg(test)]

#[path = "../../mcp-metrics/src/storage/request_shard.rs"]
#[allow(dead_code, reason = "the tests do not use all of it")]
mod request_shard;
#[path = "../../mcp-metrics/src/storage/shard.rs"]
#[allow(dead_code, reason = "the tests do not use all of it")]
mod shard;
#[path = "../../mcp-metrics/src/storage/shards.rs"]
#[allow(dead_code, reason = "the tests do not use all of it")]
mod shards;
mod sync;

use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use request_shard::{FAILED, NANOSECONDS, STARTED, SUCCEEDED, cells};
use shard::{Access, Shard};
use shards::Shards;

/// One bucket, because each bucket multiplies the number of interleavings.
const BUCKETS: usize = 1;
const TOOK: u64 = 5;

fn explore(preemptions: usize, test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.check(test);
}

fn shards() -> Arc<Shards> {
    Arc::new(Shards::new(cells(BUCKETS)))
}

/// Ends a request as a callsite does.
fn end(shard: Shard<'_>, access: Access) {
    shard.observe(0, TOOK, access);
    shard.succeed(access);
}

fn sums(shards: &Shards) -> Vec<u64> {
    let mut sums = Vec::new();
    shards.snapshot_into(&mut sums, STARTED);
    sums
}

#[track_caller]
fn assert_no_more_ended_than_started(sums: &[u64]) {
    let (started, ended) = (
        sums[STARTED],
        sums[SUCCEEDED] + sums[FAILED].iter().sum::<u64>(),
    );
    assert!(ended <= started, "{ended} ended, {started} started");
}

/// Takes a snapshot while another thread makes calls, and waits for it.
#[track_caller]
fn read_during(shards: &Arc<Shards>, calls: impl FnOnce(&Shards) + 'static) {
    let calls = {
        let shards = Arc::clone(shards);
        thread::spawn(move || calls(&shards))
    };
    assert_no_more_ended_than_started(&sums(shards));
    calls.join().unwrap();
}

#[test]
fn ended_request_is_counted_as_started() {
    explore(3, || {
        let shards = shards();
        let shard = shards.register();
        read_during(&shards, move |_| {
            Shard(&shard).start(Access::Exclusive);
            end(Shard(&shard), Access::Exclusive);
        });
    });
}

#[test]
fn failed_request_is_counted_as_started() {
    explore(3, || {
        let shards = shards();
        let shard = shards.register();
        read_during(&shards, move |_| {
            Shard(&shard).start(Access::Exclusive);
            Shard(&shard).fail(0, Access::Exclusive);
        });
    });
}

/// The first per-thread shard is registered and retired during a snapshot that began without one.
#[test]
fn request_started_in_the_first_shard_is_counted_as_started() {
    explore(2, || {
        let shards = shards();
        read_during(&shards, |shards| {
            let shard = shards.register();
            Shard(&shard).start(Access::Exclusive);
            end(shards.shared(), Access::Shared);
            shards.retire(&shard);
        });
        assert_eq!(sums(&shards)[STARTED], 1);
    });
}

#[test]
fn request_of_the_retired_first_shard_is_counted_as_started() {
    explore(2, || {
        let shards = shards();
        read_during(&shards, |shards| {
            let shard = shards.register();
            Shard(&shard).start(Access::Exclusive);
            end(Shard(&shard), Access::Exclusive);
            shards.retire(&shard);
        });
    });
}

#[test]
fn request_moved_to_another_thread_is_counted_as_started() {
    explore(3, || {
        let shards = shards();
        let moved = Arc::new(AtomicBool::new(false));
        let starting = {
            let (shard, moved) = (shards.register(), Arc::clone(&moved));
            thread::spawn(move || {
                Shard(&shard).start(Access::Exclusive);
                moved.store(true, Ordering::Release);
            })
        };
        let shard = shards.register();
        read_during(&shards, move |_| {
            if moved.load(Ordering::Acquire) {
                end(Shard(&shard), Access::Exclusive);
            }
        });
        starting.join().unwrap();
    });
}

#[test]
fn retiring_a_shard_keeps_the_sums() {
    explore(3, || {
        let shards = shards();
        let shard = shards.register();
        Shard(&shard).start(Access::Exclusive);
        end(Shard(&shard), Access::Exclusive);
        let retiring = {
            let shards = Arc::clone(&shards);
            thread::spawn(move || shards.retire(&shard))
        };
        for sums in [sums(&shards), sums(&shards)] {
            assert_eq!(
                (sums[STARTED], sums[SUCCEEDED], sums[NANOSECONDS]),
                (1, 1, TOOK)
            );
        }
        retiring.join().unwrap();
    });
}

#[test]
fn concurrently_retired_shards_lose_no_counts() {
    explore(3, || {
        let shards = shards();
        let call = |shards: Arc<Shards>| {
            move || {
                let shard = shards.register();
                Shard(&shard).start(Access::Exclusive);
                shards.shared().start(Access::Shared);
                shards.retire(&shard);
            }
        };
        let other = thread::spawn(call(Arc::clone(&shards)));
        call(Arc::clone(&shards))();
        other.join().unwrap();
        assert_eq!(sums(&shards)[STARTED], 4);
    });
}
