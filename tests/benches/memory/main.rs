//! What memory the recordings take.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench memory
//! ```
//!
//! Everything is measured in a process of its own. `-- --calls N` sets how many calls are made
//! while nobody scrapes, `--largest N` leaves out what is larger; `--check` fails if a bar is not
//! met.

mod growth;
#[path = "../sets/mod.rs"]
mod sets;

use std::alloc::System;
use std::process::ExitCode;

use mcp_metrics_benches::{Bar, float, in_own_process, option, resident, verdict};
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
    println!(
        "Bytes a set, before and after the first scrape, and what another scrape allocates.\n"
    );
    print!("| sets | library | resident before | resident after | allocated after ");
    println!("| allocations of a scrape | their bytes a set |");
    println!("|--:|---|--:|--:|--:|--:|--:|");
    let largest = option("--largest").unwrap_or(usize::MAX);
    for size in SIZES.into_iter().filter(|size| *size <= largest) {
        let rows =
            NAMES.map(|name| in_own_process(&["--library", name, "--sets", &size.to_string()]));
        for (name, numbers) in NAMES.iter().zip(&rows) {
            let &[before, after, held, allocations, bytes] = &**numbers else {
                panic!("five numbers, not {numbers:?}")
            };
            print!("| {size} | {name} | {before:.0} | {after:.0} | {held:.0} ");
            println!("| {allocations} | {bytes:.0} |");
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

    verdict(&bars)
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
