//! Published crates with `#[tracked(agent = "t")]` on every function that can have it: the results
//! of their own test suites must not change.
//!
//! [`source`] fetches published crates through cargo, [`layout`] copies each twice, untouched and
//! with [`annotate`]d functions, [`suite`] builds and runs the tests of both, and [`compare`]
//! reports the differences. No code of the crates is in this repository. Without a registry and
//! without cargo's cache the tests are skipped, unless `MCP_METRICS_TESTS_REQUIRE` is set.
//!
//! To test other crates, name them, optionally with a version and features:
//!
//! ```sh
//! MCP_METRICS_REAL_CRATES="walkdir tower=0.5.3/full" \
//!     cargo test -p mcp-metrics-tests --test real_crates
//! ```

mod annotate;
mod compare;
mod crates;
mod instrument;
mod layout;
mod manifest;
mod source;
mod suite;

use compare::{assert_same, summary};
use layout::{Annotate, Workspace};

/// Annotates every function of real crates: sync and async, generic, unsafe, recursive.
#[test]
fn crates_pass_their_own_tests_when_tracked() {
    let Some(sources) = source::fetch("fetch-crates", &crates::wanted()) else {
        return;
    };
    let untouched = Workspace::lay_out("untouched", &sources, None);
    let tracked = Workspace::lay_out("tracked", &sources, Some(annotate::every_function));
    compare(&untouched, &tracked);
}

/// Annotates above `#[instrument]`, which then sees the expansion of `#[tracked]`.
#[test]
fn instrument_passes_its_own_tests_when_tracked_above() {
    compare_instrument("above-instrument", annotate::above_instrument);
}

/// Annotates below `#[instrument]`, so that `#[tracked]` sees its expansion.
#[test]
fn instrument_passes_its_own_tests_when_tracked_below() {
    compare_instrument("below-instrument", annotate::below_instrument);
}

/// Compares the tests of `#[instrument]`, untouched and annotated.
fn compare_instrument(name: &'static str, annotate: Annotate) {
    let Some(sources) = instrument::fetch() else {
        return;
    };
    let untouched = Workspace::lay_out("instrument", &sources, None);
    let tracked = Workspace::lay_out(name, &sources, Some(annotate));
    compare(&untouched, &tracked);
}

/// Builds and tests both workspaces, and asserts that the results are the same.
fn compare(before: &Workspace, after: &Workspace) {
    if !source::resolve(&before.root) || !source::resolve(&after.root) {
        return;
    }
    let (before, report) = (before.run(), after.run());
    println!("{}", summary(&before, after));
    assert_same(&before, &report);
}
