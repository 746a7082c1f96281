//! The memory that label sets, calls and threads take.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench memory                    # with LTO
//! cargo bench -p mcp-metrics-benches --bench memory --profile release  # as users build
//! ```
//!
//! Each measurement has its own process. `-- --only PART` measures one of `sets` and `growth`;
//! `--calls N` sets the number of calls without a scrape; `--largest N` skips larger numbers of
//! sets; `QUICK=1` reduces the numbers; `--check` fails if a bar is not met.

mod growth;
#[path = "../sets/mod.rs"]
mod sets;

use std::alloc::System;
use std::process::ExitCode;

use mcp_metrics_benches::{Bar, float, in_own_process, option, quick, resident, verdict};
use sets::{CLIENT, NAMES, TRACKED, library};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Returns the bytes that are allocated and not freed.
fn held() -> f64 {
    let stats = ALLOCATOR.stats();
    float(stats.bytes_allocated) - float(stats.bytes_deallocated)
}

fn main() -> ExitCode {
    if let Some(size) = option("--sets") {
        let name: String = option("--library").expect("`--library` is given");
        for number in sets(&name, size) {
            println!("{number}");
        }
        return ExitCode::SUCCESS;
    }
    if let Some(name) = option::<String>("--growth") {
        growth::measure(&name);
        return ExitCode::SUCCESS;
    }

    let only: Option<String> = option("--only");
    if let Some(part) = &only {
        assert!(
            ["sets", "growth"].contains(&&**part),
            "--only {part}: expected `sets` or `growth`"
        );
    }
    let wanted = |part: &str| only.as_ref().is_none_or(|only| only == part);
    println!("# Memory\n");
    let mut bars = Vec::new();
    if wanted("sets") {
        bars.extend(print_sets());
    }
    if wanted("growth") {
        bars.extend(growth::print());
    }
    verdict(&bars)
}

/// Measures the memory of each library by the number of sets.
fn print_sets() -> Option<Bar> {
    let mut bar = None;
    println!("## Sets of the five request families\n");
    println!(
        "Bytes per set before and after the first scrape, and the allocations of another scrape.\n"
    );
    print!("| sets | library | resident before | resident after | allocated after ");
    println!("| allocations of a scrape | bytes of these a set |");
    println!("|--:|---|--:|--:|--:|--:|--:|");
    let largest = option("--largest").unwrap_or(if quick() { 10_000 } else { usize::MAX });
    for size in SIZES.into_iter().filter(|size| *size <= largest) {
        let rows =
            NAMES.map(|name| in_own_process(&["--library", name, "--sets", &size.to_string()]));
        for (name, numbers) in NAMES.iter().zip(&rows) {
            let &[before, after, held, allocations, bytes] = &**numbers else {
                panic!("expected five numbers, found {numbers:?}")
            };
            print!("| {size} | {name} | {before:.0} | {after:.0} | {held:.0} ");
            println!("| {allocations} | {bytes:.0} |");
        }
        let resident = |wanted: &str| {
            let mut rows = NAMES.iter().zip(&rows);
            let found = rows.find(|(name, _)| **name == wanted);
            found.expect("the name is in the list").1[1]
        };
        if size == 10_000 {
            bar = Some(Bar {
                what: format!("resident bytes a set, of {size}, after a scrape ÷ {CLIENT}"),
                most: 0.75,
                measured: resident(TRACKED) / resident(CLIENT),
            });
        }
    }
    bar
}

/// Returns the resident bytes per set before and after the first scrape, the allocated bytes per
/// set after it, and the number and the bytes per set of another scrape's allocations.
fn sets(name: &str, size: usize) -> [f64; 5] {
    let library = library(name, size);
    library.record(0);
    drop(library.text());
    let (resident_before, held_before) = (resident(), held());
    (0..size).for_each(|agent| library.record(agent));
    let unscraped = resident() - resident_before;
    drop(library.text());
    let (scraped, taken) = (resident() - resident_before, held() - held_before);

    // Again, because a new series may take another path.
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
