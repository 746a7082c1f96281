//! What a scrape costs, and what it costs those who are tracked meanwhile.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench scrape
//! ```
//!
//! Libraries take turns, each in a process of its own, holding the same sets of the five request
//! families. Before each scrape every set is recorded to again, as it would be in a program that is
//! in use. `-- --largest N` leaves out what is larger; `--check` fails if a bar is not met.

mod formats;
mod latency;
#[path = "../sets/mod.rs"]
mod sets;

use std::process::ExitCode;
use std::time::Instant;

use mcp_metrics_benches::{Bar, float, in_own_process, median, option, verdict};
use sets::{CLIENT, NAMES, OURS, library};

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
/// How often each library has its turn.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    if let Some(size) = option("--sets") {
        let name: String = option("--library").expect("a library");
        println!("{}", scrape(&name, size));
        return ExitCode::SUCCESS;
    }
    if let Some(size) = option("--formats") {
        formats::measure(size);
        return ExitCode::SUCCESS;
    }
    if let Some(size) = option("--latency") {
        latency::measure(size);
        return ExitCode::SUCCESS;
    }

    println!("# A scrape, in {ROUNDS} rounds\n");
    println!("| sets | library | ms | µs a set | ours ÷ this |");
    println!("|--:|---|--:|--:|--:|");
    let largest = option("--largest").unwrap_or(usize::MAX);
    let mut bars = Vec::new();
    let mut times_a_set = NAMES.map(|_| Vec::new());
    for size in SIZES.into_iter().filter(|size| *size <= largest) {
        let rounds: Vec<[f64; 4]> = (0..ROUNDS)
            .map(|_| NAMES.map(|name| in_turn(name, size)))
            .collect();
        let of = |name: &str| {
            let place = NAMES.iter().position(|other| *other == name);
            place.expect("it is one of them")
        };
        let ours = of(OURS);
        for name in NAMES {
            let this = of(name);
            let time = median(rounds.iter().map(|round| round[this]));
            let ratio = median(rounds.iter().map(|round| round[ours] / round[this]));
            println!(
                "| {size} | {name} | {:.2} | {:.2} | {ratio:.2} |",
                time * 1e3,
                time * 1e6 / float(size),
            );
            times_a_set[this].push(time / float(size));
            if name == CLIENT && size == 10_000 {
                bars.push(Bar {
                    what: format!("scrape of {size} sets ÷ {CLIENT}"),
                    most: 1.0,
                    measured: ratio,
                });
            }
        }
    }
    println!("\n## Growth\n");
    println!("How much longer a set takes among the most sets than among the fewest.\n");
    println!("| library | times |");
    println!("|---|--:|");
    for (name, times) in NAMES.iter().zip(&times_a_set) {
        if let [first, .., last] = &**times {
            println!("| {name} | {:.2} |", last / first);
        }
    }
    formats::print();
    latency::print();

    verdict(&bars)
}

fn in_turn(name: &str, size: usize) -> f64 {
    in_own_process(&["--library", name, "--sets", &size.to_string()])[0]
}

/// Seconds for a scrape of this many sets.
fn scrape(name: &str, size: usize) -> f64 {
    let library = library(name, size);
    let record = || (0..size).for_each(|agent| library.record(agent));
    record();
    assert!(library.text().lines().count() > size * 14);
    let times = (0..(20_000 / size).clamp(3, 50)).map(|_| {
        record();
        let start = Instant::now();
        let text = library.text();
        let took = start.elapsed();
        drop(text);
        took.as_secs_f64()
    });
    median(times)
}
