//! What a tracked call costs next to the same recordings written by hand.
//!
//! `cargo bench -p mcp-metrics-tests --bench by_hand` runs both ways in turns, in one process and
//! on the same recorder, and prints the medians. The ratio is the result; the times belong to the
//! machine that it ran on.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use mcp_metrics::{Exporter, tracked};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

const ROUNDS: usize = 41;
const CALLS: u32 = 200_000;

fn work(n: u32) -> Result<u32, u32> {
    if n == u32::MAX {
        Err(n)
    } else {
        Ok(black_box(n))
    }
}

#[tracked("bench", "tracked")]
#[inline(never)]
fn by_macro(n: u32) -> Result<u32, u32> {
    work(n)
}

/// The handles that a careful author keeps, so that no call looks a series up.
struct Handles {
    total: Counter,
    success: Counter,
    duration: Histogram,
    active: Gauge,
}

static HANDLES: OnceLock<Handles> = OnceLock::new();

impl Handles {
    fn get() -> &'static Self {
        HANDLES.get_or_init(|| {
            let labels = [("agent", "bench"), ("operation", "by hand")];
            Self {
                total: counter!("mcp_hub_requests_total", &labels),
                success: counter!("mcp_hub_requests_success_total", &labels),
                duration: histogram!("mcp_hub_request_duration_seconds", &labels),
                active: gauge!("mcp_hub_active_operations", &labels[..1]),
            }
        })
    }
}

/// The same recordings, without regard for panics.
#[inline(never)]
fn by_hand(n: u32) -> Result<u32, u32> {
    let handles = Handles::get();
    handles.total.increment(1);
    handles.active.increment(1.0);
    let start = Instant::now();
    let result = work(n);
    handles.duration.record(start.elapsed().as_secs_f64());
    match result {
        Ok(_) => handles.success.increment(1),
        Err(_) => counter!("mcp_hub_requests_failed_total", "agent" => "bench").increment(1),
    }
    handles.active.decrement(1.0);
    result
}

/// Nanoseconds a call, with `threads` threads calling at once.
fn measure(threads: usize, call: fn(u32) -> Result<u32, u32>) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for n in 0..CALLS {
                    let _ = black_box(call(black_box(n)));
                }
            });
        }
    });
    nanoseconds(start.elapsed()) / f64::from(CALLS)
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let exporter = Exporter::builder()
        .install()
        .expect("nothing else is installed");
    println!(
        "{:>7}  {:>10}  {:>10}  {:>6}",
        "threads", "by hand", "tracked", "ratio"
    );
    for threads in [1, 2] {
        let rounds: Vec<_> = (0..ROUNDS)
            .map(|_| (measure(threads, by_hand), measure(threads, by_macro)))
            .collect();
        let hand = median(rounds.iter().map(|round| round.0).collect());
        let tracked = median(rounds.iter().map(|round| round.1).collect());
        let ratio = median(rounds.iter().map(|round| round.1 / round.0).collect());
        println!("{threads:>7}  {hand:>7.1} ns  {tracked:>7.1} ns  {ratio:>6.2}");
    }
    // The benchmark is worth something only if both ways have counted.
    let requests = exporter.summary().requests;
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].success, requests[1].success);
}
