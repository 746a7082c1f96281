//! Published crates with `#[tracked(agent = "t")]` on every function that can have it: the attribute
//! must compile on each of them, and the results of their own test suites must not change.
//!
//! [`source`] fetches published crates through cargo, [`layout`] copies each twice, untouched and
//! with [`annotate`]d [`targets`], also those in macro definitions. [`suite`] builds and runs the
//! tests of both. [`rejections`] are functions on which the attribute does not compile; they are
//! built without it, so that one run finds all of them. [`compare`] reports the rejections and the
//! differences, and lists each function that is not tracked. No code of the crates is in this
//! repository. Without a registry and without cargo's cache the tests are skipped, unless
//! `MCP_METRICS_TESTS_REQUIRE` is set.
//!
//! `impl` blocks and traits get the attribute instead of their methods in one of the tests.
//!
//! The copies depend on `mcp-metrics` without its default features: the trait implementations of
//! `serde_json` would change the type inference of the crates' own code.
//!
//! To test other crates, name them, optionally with a version, features and dependencies that the
//! tests need but the published manifest does not list:
//!
//! ```sh
//! MCP_METRICS_REAL_CRATES="walkdir tower=0.5.3/full futures+futures-test" \
//!     cargo test -p mcp-metrics-tests --test real_crates crates_pass -- --nocapture
//! ```

mod annotate;
mod compare;
mod crates;
mod diagnostic;
mod instrument;
mod layout;
mod macros;
mod manifest;
mod rejected_test;
mod rejections;
mod source;
mod suite;
mod targets;

use compare::{differences, summary};
use layout::Workspace;
use suite::{Report, Untouched};
use targets::Position;

/// Annotates every function of real crates: sync and async, generic, unsafe, recursive.
#[test]
fn crates_pass_their_own_tests_when_each_function_is_tracked() {
    compare(crates::untouched(), "tracked", Position::EachFunction);
}

/// Annotates the `impl` blocks and traits instead of their methods.
#[test]
fn crates_pass_their_own_tests_when_each_block_is_tracked() {
    compare(crates::untouched(), "tracked-blocks", Position::EachBlock);
}

/// Annotates above `#[instrument]`, which then sees the expansion of `#[tracked]`.
#[test]
fn instrument_passes_its_own_tests_when_tracked_above() {
    let position = Position::AboveInstrument;
    compare(instrument::untouched(), "above-instrument", position);
}

/// Annotates below `#[instrument]`, so that `#[tracked]` sees its expansion.
#[test]
fn instrument_passes_its_own_tests_when_tracked_below() {
    let position = Position::BelowInstrument;
    compare(instrument::untouched(), "below-instrument", position);
}

/// Compares the tests of crates, untouched and annotated in a workspace of this unique name.
fn compare(untouched: Option<&Untouched>, name: &str, position: Position) {
    if let Some(untouched) = untouched
        && let Some((tracked, after)) = Workspace::run_new(name, &untouched.sources, Some(position))
    {
        assert_same(untouched, &tracked, &after);
    }
}

/// Prints the numbers of each crate, and asserts that the results are the same.
fn assert_same(untouched: &Untouched, tracked: &Workspace, after: &[Report]) {
    let mut all = untouched.broken.clone();
    let members = tracked.members.iter().zip(&untouched.reports);
    for ((member, before), after) in members.zip(after) {
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
