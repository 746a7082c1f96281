//! Requests with dynamic labels on several threads at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use mcp_metrics::{Request, track_request};
use mcp_metrics_tests::{check_until, exporter, scrape};

/// Records many more label sets than a thread has cache slots, each often enough to evict others.
/// Some requests end on another thread.
#[test]
fn dynamic_labels_lose_no_counts() {
    const THREADS: usize = 2;
    const AGENTS: usize = 300;
    const CALLS: u32 = 70;
    const SCRAPES: u32 = 5;
    exporter();
    let done = AtomicBool::new(false);
    let rounds: u32 = thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        scope.spawn(|| receiver.into_iter().for_each(Request::success));
        let call = |sender: &mpsc::Sender<_>, agent, n: u32| {
            let request = track_request(format!("dynamic {agent}"), "run").start();
            match n % 10 {
                0 => request.failure("Tenth"),
                1 => sender.send(request).expect("the receiver is alive"),
                _ => request.success(),
            }
        };
        let callers: Vec<_> = (0..THREADS)
            .map(|_| {
                let (sender, done) = (sender.clone(), &done);
                scope.spawn(move || {
                    let mut rounds = 0;
                    loop {
                        for agent in 0..AGENTS {
                            (0..CALLS).for_each(|n| call(&sender, agent, n));
                        }
                        // Each label set recurs only after all others.
                        for n in 0..CALLS {
                            (0..AGENTS).for_each(|agent| call(&sender, agent, n));
                        }
                        rounds += 1;
                        if done.load(Ordering::Relaxed) {
                            return rounds;
                        }
                    }
                })
            })
            .collect();
        drop(sender);
        let mut scrapes = 0;
        check_until(&done, ("dynamic 7", "run"), || {
            scrapes += 1;
            done.store(scrapes == SCRAPES, Ordering::Relaxed);
            scrape()
        });
        let callers = callers.into_iter();
        callers
            .map(|caller| caller.join().expect("the caller does not panic"))
            .sum()
    });
    let calls = rounds * CALLS * 2;
    let scrape = scrape();
    for agent in 0..AGENTS {
        scrape
            .requests(&format!("dynamic {agent}"), "run")
            .assert(calls / 10 * 9, &[("Tenth", calls / 10)]);
    }
}
