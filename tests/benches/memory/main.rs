//! What memory the recordings take.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench memory
//! ```
//!
//! Everything is measured in a process of its own. `-- --calls N` sets how many calls are made while
//! nobody scrapes, `--largest N` leaves out what is larger; `--check` fails if a bar is not met.

mod growth;
#[path = "../sets/mod.rs"]
mod sets;

use std::alloc::System;
use std::process::ExitCode;

use mcp_metrics_benches::{flag, float, in_own_process, option, resident};
use sets::{CLIENT, NAMES, OURS, library};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Bytes that are allocated and not freed.
fn held() -> f64 {
    let stats = ALLOCATOR.stats();
    float(stats.bytes_allocated) - float(stats.bytes_deallocated)
}

/// A bar: what was aimed at, what was measured.
struct Bar {
    what: String,
    most: f64,
    measured: f64,
}

fn main() -> ExitCode {
    if let Some(size) = option("--sets") {
        let name: String = option("--library").expect("a library");
        for number in sets(&name, size) {
            println!("{number}");
        }
        return ExitCode::SUCCESS;
    }
    if let Some(name) = option::<String>("--growth") {
        growth::measure(&name);
        return ExitCode::SUCCESS;
    }

    let mut bars = Vec::new();
    println!("# Memory\n");
    println!("## Sets of the five request families\n");
    println!("Bytes a set once all were scraped, and what one scrape allocates meanwhile.\n");
    println!(
        "| sets | library | resident | allocated | allocations a scrape | their bytes a set |"
    );
    println!("|--:|---|--:|--:|--:|--:|");
    let largest = option("--largest").unwrap_or(usize::MAX);
    for size in SIZES.into_iter().filter(|size| *size <= largest) {
        let rows =
            NAMES.map(|name| in_own_process(&["--library", name, "--sets", &size.to_string()]));
        for (name, numbers) in NAMES.iter().zip(&rows) {
            let &[resident, held, allocations, bytes] = &**numbers else {
                panic!("four numbers, not {numbers:?}")
            };
            println!(
                "| {size} | {name} | {resident:.0} | {held:.0} | {allocations} | {bytes:.0} |"
            );
        }
        let resident = |wanted: &str| {
            let mut rows = NAMES.iter().zip(&rows);
            let found = rows.find(|(name, _)| **name == wanted);
            found.expect("it is one of them").1[1]
        };
        if size == 10_000 {
            bars.push(Bar {
                what: format!("resident bytes a set, of {size}, once scraped ÷ {CLIENT}"),
                most: 1.0,
                measured: resident(OURS) / resident(CLIENT),
            });
        }
    }
    bars.extend(growth::print());

    println!("\n## Bars\n");
    println!("| what | at most | measured | |");
    println!("|---|--:|--:|---|");
    let mut missed = 0;
    for Bar {
        what,
        most,
        measured,
    } in bars
    {
        let verdict = if measured <= most { "met" } else { "not met" };
        missed += u32::from(measured > most);
        println!("| {what} | {most} | {measured:.2} | {verdict} |");
    }
    if missed > 0 && flag("--check") {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Resident bytes a set before and after the first scrape, allocated ones after it, and another
/// scrape's allocations, all of them and in bytes a set.
fn sets(name: &str, size: usize) -> [f64; 5] {
    let library = library(name, size);
    library.record(0);
    drop(library.text());
    let (resident_before, held_before) = (resident(), held());
    (0..size).for_each(|agent| library.record(agent));
    let unscraped = resident() - resident_before;
    drop(library.text());
    let (scraped, taken) = (resident() - resident_before, held() - held_before);

    // Again, since a series that is new may be treated in another way.
    (0..size).for_each(|agent| library.record(agent));
    let before = ALLOCATOR.stats();
    drop(library.text());
    let scrape = ALLOCATOR.stats() - before;
    let allocations = float(scrape.allocations + scrape.reallocations);
    let bytes = float(scrape.bytes_allocated);
    let a_set = |bytes| bytes / float(size);
    [
        a_set(unscraped),
        a_set(scraped),
        a_set(taken),
        allocations,
        a_set(bytes),
    ]
}
