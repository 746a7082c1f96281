//! The latency of single tracked calls during scrapes.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use mcp_metrics::tracked;
use mcp_metrics_benches::{float, in_own_process, median, quick};
use quanta::Instant;

use crate::sets::{Library, TRACKED, library};

const SETS: usize = 10_000;
const CALLS: usize = 400_000;
const SHARES: [f64; 4] = [0.5, 0.99, 0.999, 0.9999];

#[tracked("latency", "call")]
#[inline(never)]
fn call(n: usize) -> usize {
    black_box(n)
}

/// The work of another thread until `stop` is set.
type Neighbour = fn(&dyn Library, &AtomicBool);

const NEIGHBOURS: [(&str, Neighbour); 3] = [
    ("nothing", |_, _| {}),
    // The control: on most processors, any load on another core slows a thread.
    ("formats numbers", |_, stop| {
        while !stop.load(Relaxed) {
            let mut text = String::new();
            for n in 0..100_000 {
                let _ = writeln!(text, "{n}");
            }
            black_box(text);
        }
    }),
    ("scrapes", |library, stop| {
        while !stop.load(Relaxed) {
            black_box(library.text());
        }
    }),
];

pub(crate) fn print() {
    let numbers = in_own_process(&["--latency", &SETS.to_string()]);
    println!("\n## Latency of a tracked call, in ns, while another thread …\n");
    println!("| … with {SETS} sets | 50 % | 99 % | 99.9 % | 99.99 % |");
    println!("|---|--:|--:|--:|--:|");
    for ((name, _), numbers) in NEIGHBOURS.iter().zip(numbers.chunks(SHARES.len())) {
        let numbers: Vec<String> = numbers.iter().map(|n| format!("{n:.0}")).collect();
        println!("| {name} | {} |", numbers.join(" | "));
    }
}

/// Prints the quantiles beside each neighbour.
pub(crate) fn measure(sets: usize) {
    let library = library(TRACKED, sets);
    (0..sets).for_each(|agent| library.record(agent));
    let rounds: Vec<_> = (0..if quick() { 3 } else { 9 })
        .map(|_| NEIGHBOURS.map(|(_, neighbour)| beside(&*library, neighbour)))
        .collect();
    for neighbour in 0..NEIGHBOURS.len() {
        for share in 0..SHARES.len() {
            let values = rounds.iter().map(|round| round[neighbour][share]);
            println!("{}", median(values));
        }
    }
}

/// Returns the quantiles [`SHARES`] of the calls, in nanoseconds.
fn beside(library: &dyn Library, neighbour: Neighbour) -> [f64; 4] {
    let stop = AtomicBool::new(false);
    let mut times = thread::scope(|scope| {
        scope.spawn(|| neighbour(library, &stop));
        let times: Vec<_> = (0..CALLS)
            .map(|n| {
                let start = Instant::now();
                black_box(call(black_box(n)));
                start.elapsed()
            })
            .collect();
        stop.store(true, Relaxed);
        times
    });
    times.sort_unstable();
    SHARES.map(|share| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index"
        )]
        let index = (share * float(times.len())) as usize;
        times[index].as_secs_f64() * 1e9
    })
}
