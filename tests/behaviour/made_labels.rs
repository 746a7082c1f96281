//! Requests whose labels are made at run time, on several threads at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use mcp_metrics::{Request, track_request};
use mcp_metrics_tests::{check_until, exporter, scrape};

/// Of many more pairs than a thread has rows for, each often enough that rows change hands, and some
/// ended by another thread.
#[test]
fn labels_made_at_run_time_lose_nothing() {
    const THREADS: u32 = 3;
    const AGENTS: usize = 300;
    const CALLS: u32 = 500;
    exporter();
    let done = AtomicBool::new(false);
    let scrapes = thread::scope(|scope| {
        let scraper = scope.spawn(|| check_until(&done, ("made 7", "run"), scrape));
        let (give, take) = mpsc::channel();
        let finisher = scope.spawn(|| take.into_iter().for_each(Request::success));
        let call = |give: &mpsc::Sender<_>, agent, n: u32| {
            let request = track_request(format!("made {agent}"), "run").start();
            match n % 10 {
                0 => request.failure("Tenth"),
                1 => give.send(request).expect("somebody takes it"),
                _ => request.success(),
            }
        };
        let callers: Vec<_> = (0..THREADS)
            .map(|_| {
                let give = give.clone();
                scope.spawn(move || {
                    for agent in 0..AGENTS {
                        (0..CALLS).for_each(|n| call(&give, agent, n));
                    }
                    // None comes twice before all others have come.
                    for n in 0..10 {
                        (0..AGENTS).for_each(|agent| call(&give, agent, n));
                    }
                })
            })
            .collect();
        drop(give);
        for caller in callers {
            caller.join().expect("a caller");
        }
        finisher.join().expect("who ends requests of others");
        done.store(true, Ordering::Relaxed);
        scraper.join().expect("the scraper")
    });
    assert!(scrapes > 3, "{scrapes} scrapes are no test");
    let scrape = scrape();
    let calls = THREADS * (CALLS + 10);
    for agent in 0..AGENTS {
        scrape
            .requests(&format!("made {agent}"), "run")
            .assert(calls / 10 * 9, &[("Tenth", calls / 10)]);
    }
}
