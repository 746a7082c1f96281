//! Exact counts and bounded memory under many threads, failures, panics and scrapes.
//!
//! The tests measure the whole process, so they run one at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use mcp_metrics::{ErrorType, tracked};
use mcp_metrics_tests::{Scrape, check_until, exporter, http, quiet_panics, scrape};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

const THREADS: u32 = 8;
const CALLS: u32 = 1_000_000;

#[derive(Debug, ErrorType)]
enum Failure {
    Even,
    Odd,
}

#[tracked("stress", "call")]
fn call(n: u32) -> Result<u32, Failure> {
    assert!(n % 1_000 != 1, "provoked by a test");
    match n % 20 {
        0 => Err(Failure::Even),
        10 => Err(Failure::Odd),
        _ => Ok(n),
    }
}

#[tracked("stress", "unscraped")]
fn unscraped(n: u32) -> Result<u32, Failure> {
    if n.is_multiple_of(2) {
        Ok(n)
    } else {
        Err(Failure::Odd)
    }
}

/// Returns the resident memory of this process in bytes.
fn resident() -> f64 {
    scrape().value("process_resident_memory_bytes", &[])
}

/// Scrapes the exporter over HTTP.
fn scrape_over_http() -> Scrape {
    let address = exporter().local_addr().expect("the exporter listens");
    Scrape::parse(&http::get(address, "/metrics").body)
}

#[test]
fn counts_of_eight_threads_under_two_scrapers_are_exact() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    exporter();
    quiet_panics();
    let done = AtomicBool::new(false);
    let scrapes: u32 = thread::scope(|scope| {
        let scrapers: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| check_until(&done, ("stress", "call"), scrape_over_http)))
            .collect();
        let callers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    for n in 0..CALLS {
                        let _ = std::panic::catch_unwind(|| drop(call(n)));
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.join().expect("the caller does not panic");
        }
        done.store(true, Ordering::Relaxed);
        scrapers
            .into_iter()
            .map(|scraper| scraper.join().expect("the scraper does not panic"))
            .sum()
    });
    assert!(scrapes > 10, "only {scrapes} scrapes");
    let (calls, panicking) = (THREADS * CALLS, THREADS * CALLS / 1_000);
    let failing = calls / 20;
    scrape().requests("stress", "call").assert(
        calls - panicking - 2 * failing,
        &[("Even", failing), ("Odd", failing), ("panic", panicking)],
    );
}

#[test]
fn unscraped_calls_do_not_grow_memory() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    exporter();
    let work = || {
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for n in 0..500_000_u32 {
                        let _ = unscraped(n);
                        metrics::histogram!("others").record(f64::from(n));
                    }
                });
            }
        });
    };
    work();
    let before = resident();
    (0..3).for_each(|_| work());
    // Storing three million observations would take 48 MB.
    let grown = resident() - before;
    assert!(grown < 4e6, "resident memory grew by {grown} bytes");
}
