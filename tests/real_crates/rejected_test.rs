//! Tests that no function is left without the attribute silently.

use crate::compare::{differences, summary};
use crate::functions::Position;
use crate::layout::Workspace;
use crate::source::{Source, scratch, write};

/// A crate with a function of each kind. `Hidden` is rejected, because the attribute cannot see
/// that it is a future.
const CODE: &str = r"
use std::future::Future;
use std::pin::Pin;

pub type Hidden = Pin<Box<dyn Future<Output = u8>>>;
pub fn hidden() -> Hidden { Box::pin(async { 1 }) }
pub fn seen() -> impl Future<Output = u8> { hidden() }
pub const fn constant() -> u8 { 1 }

macro_rules! define {
    ($vis:vis $name:ident) => {
        $vis fn $name() -> u8 { constant() }
        $vis const fn in_constant() -> u8 { 1 }
    };
}
define!(pub in_macro);

macro_rules! without_attributes {
    (fn $name:ident() -> u8 $body:block) => { pub fn $name() -> u8 $body };
}
without_attributes! { fn refused() -> u8 { in_macro() } }

#[test]
fn test() { assert_eq!(refused(), 1); }
";

#[test]
fn untracked_functions_are_reported_and_the_other_ones_tested() {
    let root = scratch().join("kinds");
    let manifest = "[package]\nname = \"kinds\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    write(&root.join("Cargo.toml"), manifest);
    write(&root.join("src/lib.rs"), CODE);
    let source = Source {
        name: "kinds-1.0.0".to_owned(),
        root,
        features: Vec::new(),
        for_tests: toml::Table::new(),
    };
    let sources = [source];
    let Some((_, before)) = Workspace::run_new("untouched-kinds", &sources, None) else {
        return;
    };
    let position = Some(Position::Alternate);
    let Some((tracked, after)) = Workspace::run_new("tracked-kinds", &sources, position) else {
        return;
    };
    let (before, after) = (&before[0], &after[0]);

    let found = differences("kinds", before, after);
    assert_eq!(found.len(), 1, "{found:?}");
    let rejected = "rejected: kinds-1.0.0 src/lib.rs:6: pub fn hidden() -> Hidden\nerror";
    assert!(found[0].starts_with(rejected), "{found:?}");

    let text = summary(&tracked.members[0], before, after);
    let lines: Vec<_> = text.lines().collect();
    let [numbers, untracked @ ..] = lines.as_slice() else {
        panic!("no summary");
    };
    // The tracked ones: `seen`, `$name`, and `test`.
    let expected = "kinds-1.0.0: 3 functions tracked, 1 rejected, 3 not trackable; 1 tests";
    assert!(numbers.starts_with(expected), "{numbers}");
    assert_eq!(
        untracked,
        [
            "  const fn: kinds-1.0.0 src/lib.rs:8: pub const fn constant() -> u8",
            "  const fn: kinds-1.0.0 src/lib.rs:13: $vis const fn in_constant() -> u8",
            "  refused by its macro: kinds-1.0.0 src/lib.rs:21: fn refused() -> u8",
        ]
    );
}
