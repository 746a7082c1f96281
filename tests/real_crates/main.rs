//! The attribute on the whole of other people's crates: `#[tracked(agent = "t")]` is put on every
//! function that can have it, and the crates' own test suites must not notice.
//!
//! [`source`] fetches published crates through cargo, [`layout`] lays each out twice, as it is and
//! with [`annotate`]d functions, [`suite`] builds and runs the tests of both, and [`compare`] says
//! where they differ. Nothing of the crates is in this repository. Without a registry and without
//! cargo's cache the tests say so and pass, unless `MCP_METRICS_TESTS_REQUIRE` is set.
//!
//! To try other crates, name them with or without a version:
//!
//! ```sh
//! MCP_METRICS_REAL_CRATES="regex-lite hashbrown=0.15.5" cargo test --test real_crates
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
use layout::Workspace;

/// Every function of real crates, sync and async, generic, unsafe, recursive.
#[test]
fn crates_pass_their_own_tests_when_tracked() {
    let crates = crates::wanted();
    let Some(sources) = source::fetch("crates", &crates) else {
        return;
    };
    let untouched = Workspace::lay_out("untouched", &sources, None);
    let tracked = Workspace::lay_out("tracked", &sources, Some(annotate::every_function));
    if !source::resolve(&untouched.root) || !source::resolve(&tracked.root) {
        return;
    }
    let (before, after) = (untouched.run(), tracked.run());
    println!("{}", summary(&before, &tracked));
    assert_same(&before, &after);
}
