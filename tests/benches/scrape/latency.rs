//! How long single tracked calls take while the metrics are scraped again and again.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use mcp_metrics::tracked;
use mcp_metrics_benches::{float, in_own_process, median};
use quanta::Instant;

use crate::sets::{Library, OURS, library};

const SETS: usize = 10_000;
const ROUNDS: usize = 9;
const CALLS: usize = 400_000;
const SHARES: [f64; 4] = [0.5, 0.99, 0.999, 0.9999];

#[tracked("latency", "call")]
#[inline(never)]
fn call(n: usize) -> usize {
    black_box(n)
}

/// What another thread does until it is told to stop.
type Neighbour = fn(&dyn Library, &AtomicBool);

const NEIGHBOURS: [(&str, Neighbour); 3] = [
    ("nothing", |_, _| {}),
    // A second thread alone slows the first one, on most processors.
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
    println!("\n## A call of ours, in ns, while another thread …\n");
    println!("| … with {SETS} sets | half | 99 % | 99.9 % | 99.99 % take at most |");
    println!("|---|--:|--:|--:|--:|");
    for ((name, _), numbers) in NEIGHBOURS.iter().zip(numbers.chunks(SHARES.len())) {
        let numbers: Vec<String> = numbers.iter().map(|n| format!("{n:.0}")).collect();
        println!("| {name} | {} |", numbers.join(" | "));
    }
}

/// Prints the quantiles next to each neighbour.
pub(crate) fn measure(sets: usize) {
    let library = library(OURS, sets);
    (0..sets).for_each(|agent| library.record(agent));
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|_| NEIGHBOURS.map(|(_, neighbour)| beside(&*library, neighbour)))
        .collect();
    for neighbour in 0..NEIGHBOURS.len() {
        for share in 0..SHARES.len() {
            let values = rounds.iter().map(|round| round[neighbour][share]);
            println!("{}", median(values));
        }
    }
}

/// What shares of the calls take at most, in nanoseconds.
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
            reason = "a place in the list"
        )]
        let place = (share * float(times.len())) as usize;
        times[place].as_secs_f64() * 1e9
    })
}
