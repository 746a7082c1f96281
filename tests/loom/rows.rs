//! The counters' own source, with loom's atomics and locks in place of the standard library's: each
//! test runs in all orders that threads and the memory of any processor may give it, up to a number
//! of interruptions.

#![cfg(test)]

#[path = "../../mcp-metrics/src/cells/row.rs"]
#[allow(dead_code, reason = "not all of it is asked for here")]
mod row;
#[path = "../../mcp-metrics/src/cells/rows.rs"]
#[allow(dead_code, reason = "not all of it is asked for here")]
mod rows;
mod sync;

use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use row::{NANOSECONDS, Row, STARTED, SUCCEEDED, Writers};
use rows::Rows;

/// Each is one more thing to look at between any two steps.
const BUCKETS: usize = 1;
const TOOK: u64 = 5;

fn explore(interruptions: usize, test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(interruptions);
    model.check(test);
}

fn rows() -> Arc<Rows> {
    Arc::new(Rows::new(BUCKETS, 0))
}

/// The end of a request, as a call site counts it.
fn end(row: Row<'_>, writers: Writers) {
    row.observe(0, TOOK, writers);
    row.succeed(writers);
}

fn sums(rows: &Rows) -> Vec<u64> {
    let mut sums = Vec::new();
    rows.sum(BUCKETS, &mut sums);
    sums
}

#[track_caller]
fn assert_no_more_ended_than_started(sums: &[u64]) {
    let (started, ended) = (
        sums[STARTED],
        sums[SUCCEEDED] + sums[row::FAILED].iter().sum::<u64>(),
    );
    assert!(ended <= started, "{ended} ended, {started} started");
}

/// Reads while another thread makes calls, and waits for it.
#[track_caller]
fn read_during(rows: &Arc<Rows>, calls: impl FnOnce(&Rows) + 'static) {
    let calls = {
        let rows = Arc::clone(rows);
        thread::spawn(move || calls(&rows))
    };
    assert_no_more_ended_than_started(&sums(rows));
    calls.join().unwrap();
}

#[test]
fn what_has_ended_has_started() {
    explore(3, || {
        let rows = rows();
        let row = rows.join(BUCKETS);
        read_during(&rows, move |_| {
            Row(&row).start(Writers::One);
            end(Row(&row), Writers::One);
        });
    });
}

#[test]
fn a_request_that_fails_has_started() {
    explore(3, || {
        let rows = rows();
        let row = rows.join(BUCKETS);
        read_during(&rows, move |_| {
            Row(&row).start(Writers::One);
            Row(&row).fail(0, Writers::One);
        });
    });
}

/// The first row comes and goes: none is locked by who began to read before.
#[test]
fn what_began_in_the_first_row_has_started() {
    explore(2, || {
        let rows = rows();
        read_during(&rows, |rows| {
            let row = rows.join(BUCKETS);
            Row(&row).start(Writers::One);
            end(rows.shared(), Writers::Many);
            rows.leave(&row);
        });
        assert_eq!(sums(&rows)[STARTED], 1);
    });
}

#[test]
fn what_the_first_row_leaves_has_started() {
    explore(2, || {
        let rows = rows();
        read_during(&rows, |rows| {
            let row = rows.join(BUCKETS);
            Row(&row).start(Writers::One);
            end(Row(&row), Writers::One);
            rows.leave(&row);
        });
    });
}

#[test]
fn a_request_that_was_handed_on_has_started() {
    explore(3, || {
        let rows = rows();
        let handed_on = Arc::new(AtomicBool::new(false));
        let begins = {
            let (row, handed_on) = (rows.join(BUCKETS), Arc::clone(&handed_on));
            thread::spawn(move || {
                Row(&row).start(Writers::One);
                handed_on.store(true, Ordering::Release);
            })
        };
        let row = rows.join(BUCKETS);
        read_during(&rows, move |_| {
            if handed_on.load(Ordering::Acquire) {
                end(Row(&row), Writers::One);
            }
        });
        begins.join().unwrap();
    });
}

#[test]
fn a_thread_that_ends_takes_nothing_away_and_adds_nothing() {
    explore(3, || {
        let rows = rows();
        let row = rows.join(BUCKETS);
        Row(&row).start(Writers::One);
        end(Row(&row), Writers::One);
        let leaves = {
            let rows = Arc::clone(&rows);
            thread::spawn(move || rows.leave(&row))
        };
        for sums in [sums(&rows), sums(&rows)] {
            assert_eq!(
                (sums[STARTED], sums[SUCCEEDED], sums[NANOSECONDS]),
                (1, 1, TOOK)
            );
        }
        leaves.join().unwrap();
    });
}

#[test]
fn nothing_is_lost_between_threads_that_come_and_go() {
    explore(3, || {
        let rows = rows();
        let call = |rows: Arc<Rows>| {
            move || {
                let row = rows.join(BUCKETS);
                Row(&row).start(Writers::One);
                rows.shared().start(Writers::Many);
                rows.leave(&row);
            }
        };
        let other = thread::spawn(call(Arc::clone(&rows)));
        call(Arc::clone(&rows))();
        other.join().unwrap();
        assert_eq!(sums(&rows)[STARTED], 4);
    });
}
