//! Published crates with `#[tracked(agent = "t")]` on every function that can have it: the attribute
//! must compile on each of them, and the results of their own test suites must not change.
//!
//! [`source`] fetches published crates through cargo, [`layout`] copies each twice, untouched and
//! with [`annotate`]d [`functions`], also those in macro definitions. [`suite`] builds and runs the
//! tests of both. [`rejections`] are functions on which the attribute does not compile; they are
//! built without it, so that one run finds all of them. [`compare`] reports the rejections and the
//! differences, and lists each function that is not tracked. No code of the crates is in this
//! repository. Without a registry and without cargo's cache the tests are skipped, unless
//! `MCP_METRICS_TESTS_REQUIRE` is set.
//!
//! The copies depend on `mcp-metrics` without its default features: the trait implementations of
//! `serde_json` would change the type inference of the crates' own code.
//!
//! To test other crates, name them, optionally with a version and features:
//!
//! ```sh
//! MCP_METRICS_REAL_CRATES="walkdir tower=0.5.3/full" \
//!     cargo test -p mcp-metrics-tests --test real_crates crates_pass -- --nocapture
//! ```

mod annotate;
mod compare;
mod crates;
mod diagnostic;
mod functions;
mod instrument;
mod layout;
mod macros;
mod manifest;
mod rejected_test;
mod rejections;
mod source;
mod suite;

use compare::{differences, summary};
use functions::Position;
use layout::Workspace;
use suite::Report;

/// Annotates every function of real crates: sync and async, generic, unsafe, recursive.
#[test]
fn crates_pass_their_own_tests_when_tracked() {
    let Some(sources) = source::fetch("fetch-crates", &crates::wanted()) else {
        return;
    };
    if let Some((_, before)) = Workspace::run_new("untouched", &sources, None)
        && let Some((tracked, after)) =
            Workspace::run_new("tracked", &sources, Some(Position::Alternate))
    {
        assert_same(&tracked, &before, &after);
    }
}

/// Annotates above `#[instrument]`, which then sees the expansion of `#[tracked]`.
#[test]
fn instrument_passes_its_own_tests_when_tracked_above() {
    compare_instrument("above-instrument", Position::AboveInstrument);
}

/// Annotates below `#[instrument]`, so that `#[tracked]` sees its expansion.
#[test]
fn instrument_passes_its_own_tests_when_tracked_below() {
    compare_instrument("below-instrument", Position::BelowInstrument);
}

/// Compares the tests of `#[instrument]`, untouched and annotated.
fn compare_instrument(name: &str, position: Position) {
    if let Some((sources, before)) = instrument::untouched()
        && let Some((tracked, after)) = Workspace::run_new(name, sources, Some(position))
    {
        assert_same(&tracked, before, &after);
    }
}

/// Prints the numbers of each crate, and asserts that the results are the same.
fn assert_same(tracked: &Workspace, before: &[Report], after: &[Report]) {
    let mut all = Vec::new();
    for ((member, before), after) in tracked.members.iter().zip(before).zip(after) {
        println!("{}", summary(member, before, after));
        all.extend(differences(&member.name, before, after));
    }
    assert!(
        all.is_empty(),
        "{} differences:\n{}",
        all.len(),
        all.join("\n")
    );
}
