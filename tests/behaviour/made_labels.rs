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
    const THREADS: usize = 2;
    const AGENTS: usize = 300;
    const CALLS: u32 = 70;
    const SCRAPES: u32 = 5;
    exporter();
    let done = AtomicBool::new(false);
    let rounds: u32 = thread::scope(|scope| {
        let (give, take) = mpsc::channel();
        scope.spawn(|| take.into_iter().for_each(Request::success));
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
                let (give, done) = (give.clone(), &done);
                scope.spawn(move || {
                    let mut rounds = 0;
                    loop {
                        for agent in 0..AGENTS {
                            (0..CALLS).for_each(|n| call(&give, agent, n));
                        }
                        // None comes twice before all others have come.
                        for n in 0..CALLS {
                            (0..AGENTS).for_each(|agent| call(&give, agent, n));
                        }
                        rounds += 1;
                        if done.load(Ordering::Relaxed) {
                            return rounds;
                        }
                    }
                })
            })
            .collect();
        drop(give);
        let mut scrapes = 0;
        check_until(&done, ("made 7", "run"), || {
            scrapes += 1;
            done.store(scrapes == SCRAPES, Ordering::Relaxed);
            scrape()
        });
        let callers = callers.into_iter();
        callers.map(|caller| caller.join().expect("a caller")).sum()
    });
    let calls = rounds * CALLS * 2;
    let scrape = scrape();
    for agent in 0..AGENTS {
        scrape
            .requests(&format!("made {agent}"), "run")
            .assert(calls / 10 * 9, &[("Tenth", calls / 10)]);
    }
}
