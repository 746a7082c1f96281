//! The cost of a recorded call, compared with other ways to make the same recordings.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench calls                    # with LTO
//! cargo bench -p mcp-metrics-benches --bench calls --profile release  # as users build
//! ```
//!
//! There are four groups: requests (the five recordings of a tracked call), errors (failing calls),
//! counters (single events), and facade (the macros and handles of `metrics`). Within a group all
//! ways take turns in each round, in one process, so that other load on the machine affects all of
//! them. The result is the median of the ratios of the same round; the times depend on the machine.
//! At the end, the counts of each way are compared with its number of calls.
//!
//! `-- --only GROUP` measures one group. `--rounds N` sets the number of rounds and
//! `--milliseconds N` the time of each measurement; `QUICK=1` makes both small. `--check` fails if
//! a bar is not met.

mod autometrics;
mod counters;
mod errors;
mod exporter;
mod facade;
mod limits;
mod measure;
mod prometheus;
mod prometheus_client;
mod prometheus_counters;
mod python;
mod requests;
mod tracked;
mod way;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;

use mcp_metrics::ErrorType;
use mcp_metrics_benches::{option, quick, verdict};

use measure::Measure;

#[derive(Debug, ErrorType)]
enum Refused {
    TooMuch,
}

// autometrics prints the error.
impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too much")
    }
}

/// The function that most ways wrap.
#[inline]
fn work(n: u32) -> Result<u32, Refused> {
    if n == u32::MAX {
        refuse(n)
    } else {
        Ok(black_box(n))
    }
}

/// The function that fails.
#[inline]
fn refuse(n: u32) -> Result<u32, Refused> {
    black_box(n);
    Err(Refused::TooMuch)
}

/// Values of dynamic labels.
const AGENTS: [&str; 4] = ["planner", "web_search", "llm_processor", "code_runner"];
const OPERATIONS: [&str; 2] = ["first", "second"];

/// Returns the agent of call `n`; all agents take turns, so that remembering the last one is of no
/// use.
fn agent(n: u32) -> &'static str {
    AGENTS[n as usize % AGENTS.len()]
}

const GROUPS: [&str; 4] = ["requests", "errors", "counters", "facade"];

fn main() -> ExitCode {
    let only: Option<String> = option("--only");
    if let Some(group) = &only {
        assert!(
            GROUPS.contains(&&**group),
            "--only {group}: expected one of {GROUPS:?}"
        );
    }
    let wanted = |group: &str| only.as_ref().is_none_or(|only| only == group);

    let mut measure = Measure::new();
    let mut bars = Vec::new();
    if wanted("requests") {
        bars.push(requests::without_recorder(&mut measure));
    }
    LazyLock::force(&tracked::EXPORTER);
    LazyLock::force(&autometrics::SETTINGS);

    println!("# A recorded call, in {} rounds", measure.rounds);
    if wanted("requests") {
        bars.extend(requests::compare(&mut measure));
        if !quick() {
            python::compare(&mut measure);
        }
    }
    if wanted("errors") {
        bars.extend(errors::compare(&mut measure));
    }
    if wanted("counters") {
        bars.extend(counters::compare(&mut measure));
    }
    if wanted("facade") {
        bars.extend(facade::compare(&mut measure));
    }
    measure.check();
    measure.print_disturbed();
    verdict(&bars)
}
