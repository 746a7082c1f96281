//! The time of a scrape, and its effect on concurrent tracked calls.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench scrape                    # with LTO
//! cargo bench -p mcp-metrics-benches --bench scrape --profile release  # as users build
//! ```
//!
//! Libraries take turns, each in its own process, with the same label sets of the five request
//! families. Every set is recorded to before each scrape. `-- --only PART` measures one of `sets`,
//! `formats`, `facade` and `latency`; `--largest N` skips larger numbers of sets; `QUICK=1` reduces
//! sizes and rounds; `--check` fails if a bar is not met.

mod facade;
mod formats;
mod latency;
#[path = "../sets/mod.rs"]
mod sets;

use std::process::ExitCode;
use std::time::Instant;

use mcp_metrics_benches::{Bar, float, in_own_process, median, option, quick, verdict};
use sets::{CLIENT, NAMES, TRACKED, library};

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
const PARTS: [&str; 4] = ["sets", "formats", "facade", "latency"];

fn main() -> ExitCode {
    if let Some(size) = option("--sets") {
        let name: String = option("--library").expect("`--library` is given");
        println!("{}", scrape(&name, size));
        return ExitCode::SUCCESS;
    }
    if let Some(size) = option("--formats") {
        formats::measure(size);
        return ExitCode::SUCCESS;
    }
    if let Some(series) = option("--facade") {
        facade::measure(series);
        return ExitCode::SUCCESS;
    }
    if let Some(size) = option("--latency") {
        latency::measure(size);
        return ExitCode::SUCCESS;
    }

    let only: Option<String> = option("--only");
    if let Some(part) = &only {
        assert!(
            PARTS.contains(&&**part),
            "--only {part}: expected one of {PARTS:?}"
        );
    }
    let wanted = |part: &str| only.as_ref().is_none_or(|only| only == part);
    let mut bars = Vec::new();
    if wanted("sets") {
        bars.extend(print_sets());
    }
    if wanted("formats") {
        formats::print();
    }
    if wanted("facade") {
        bars.push(facade::print());
    }
    if wanted("latency") {
        latency::print();
    }
    verdict(&bars)
}

/// Measures the request families of each library by the number of sets.
fn print_sets() -> Option<Bar> {
    let rounds = if quick() { 3 } else { 5 };
    let largest = option("--largest").unwrap_or(if quick() { 10_000 } else { usize::MAX });
    println!("# A scrape, in {rounds} rounds\n");
    println!("| sets | library | ms | µs a set | mcp-metrics ÷ this |");
    println!("|--:|---|--:|--:|--:|");
    let mut bar = None;
    let mut times_per_set = NAMES.map(|_| Vec::new());
    for size in SIZES.into_iter().filter(|size| *size <= largest) {
        let rounds: Vec<[f64; 4]> = (0..rounds)
            .map(|_| NAMES.map(|name| in_turn(name, size)))
            .collect();
        let of = |name: &str| {
            let index = NAMES.iter().position(|other| *other == name);
            index.expect("the name is in the list")
        };
        let tracked = of(TRACKED);
        for name in NAMES {
            let this = of(name);
            let time = median(rounds.iter().map(|round| round[this]));
            let ratio = median(rounds.iter().map(|round| round[tracked] / round[this]));
            println!(
                "| {size} | {name} | {:.2} | {:.2} | {ratio:.2} |",
                time * 1e3,
                time * 1e6 / float(size),
            );
            times_per_set[this].push(time / float(size));
            if name == CLIENT && size == 10_000 {
                bar = Some(Bar {
                    what: format!("scrape of {size} sets ÷ {CLIENT}"),
                    most: 1.0,
                    measured: ratio,
                });
            }
        }
    }
    println!("\n## Growth\n");
    println!("The time per set with the most sets ÷ the time per set with the fewest.\n");
    println!("| library | times |");
    println!("|---|--:|");
    for (name, times) in NAMES.iter().zip(&times_per_set) {
        if let [first, .., last] = &**times {
            println!("| {name} | {:.2} |", last / first);
        }
    }
    bar
}

fn in_turn(name: &str, size: usize) -> f64 {
    in_own_process(&["--library", name, "--sets", &size.to_string()])[0]
}

/// Returns the seconds of a scrape of this many sets.
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
