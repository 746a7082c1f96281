//! Tests that no function is left without the attribute silently.

use crate::compare::{differences, summary};
use crate::layout::Workspace;
use crate::source::{Source, scratch, write};
use crate::suite::Untouched;
use crate::targets::Position;

/// A crate with a function of each kind. `Hidden` is rejected, because the attribute cannot see
/// that it is a future; `other`, because its caller does not compile with the attribute on it.
const CODE: &str = r"
use std::future::Future;
use std::pin::Pin;

pub type Hidden = Pin<Box<dyn Future<Output = u8>>>;
pub fn hidden() -> Hidden { Box::pin(async { 1 }) }
pub fn seen() -> impl Future<Output = u8> { hidden() }
pub const fn constant() -> u8 { 1 }

pub struct Kind;
impl Kind {
    pub fn hidden(&self) -> Hidden { Box::pin(async { 1 }) }
    pub fn one(&self) -> u8 { 1 }
}
impl Kind {
    pub fn two(&self) -> u8 { 2 }
    pub fn three(&self) -> u8 { 3 }
    pub const fn four(&self) -> u8 { 4 }
}

macro_rules! define {
    ($vis:vis $name:ident) => {
        $vis fn $name() -> u8 { constant() }
        $vis const fn in_constant() -> u8 { 1 }
    };
}
define!(pub in_macro);

macro_rules! without_attributes {
    (fn $name:ident() -> u8 { $($body:tt)* }) => { pub fn $name() -> u8 { $($body)* } };
}
without_attributes! { fn refused() -> u8 { in_macro() } }

macro_rules! other_with_attributes {
    ($(#[$attr:meta])+ fn $name:ident() -> u8 { $($body:tt)* }) => {
        pub fn $name(_: u8) -> u8 { $($body)* }
    };
    (fn $name:ident() -> u8 { $($body:tt)* }) => { pub fn $name() -> u8 { $($body)* } };
}
other_with_attributes! { fn other() -> u8 { 1 } }
pub fn caller_of_other() -> u8 { other() }

#[test]
fn test() { assert_eq!(refused() + Kind.one() + Kind.two(), 4); }
";

/// What the crate's summary has after the numbers.
const UNTRACKED: [&str; 4] = [
    "  const fn: kinds-1.0.0 src/lib.rs:8: pub const fn constant() -> u8",
    "  const fn: kinds-1.0.0 src/lib.rs:18: pub const fn four(&self) -> u8",
    "  const fn: kinds-1.0.0 src/lib.rs:24: $vis const fn in_constant() -> u8",
    "  refused by its macro: kinds-1.0.0 src/lib.rs:32: fn refused() -> u8",
];

#[test]
fn rejected_and_untracked_functions_are_reported_and_the_other_ones_tested() {
    let Some((rejected, summary)) = run("kinds", Position::EachFunction) else {
        return;
    };
    assert_eq!(
        rejected,
        [
            "rejected: kinds-1.0.0 src/lib.rs:6: pub fn hidden() -> Hidden",
            "rejected: kinds-1.0.0 src/lib.rs:12: pub fn hidden(&self) -> Hidden",
            "rejected: kinds-1.0.0 src/lib.rs:40: fn other() -> u8",
        ]
    );
    // The tracked ones: `seen`, `one`, `two`, `three`, `$name`, the `$name` of other macros,
    // `caller_of_other` and `test`.
    let numbers = "kinds-1.0.0: 10 functions tracked, 3 rejected, 4 not trackable; 1 tests";
    assert!(summary[0].starts_with(numbers), "{summary:?}");
    assert_eq!(summary[1..], UNTRACKED);
}

#[test]
fn rejected_blocks_are_reported_and_the_other_ones_tested() {
    let Some((rejected, summary)) = run("kinds-in-blocks", Position::EachBlock) else {
        return;
    };
    assert_eq!(
        rejected,
        [
            "rejected: kinds-1.0.0 src/lib.rs:6: pub fn hidden() -> Hidden",
            "rejected: kinds-1.0.0 src/lib.rs:11: impl Kind",
            "rejected: kinds-1.0.0 src/lib.rs:40: fn other() -> u8",
        ]
    );
    // The tracked ones: `seen`, `two`, `three`, `$name`, the `$name` of other macros,
    // `caller_of_other` and `test`.
    let numbers = "kinds-1.0.0: 9 functions tracked, 3 rejected, 4 not trackable; 1 tests";
    assert!(summary[0].starts_with(numbers), "{summary:?}");
    assert_eq!(summary[1..], UNTRACKED);
}

/// Compares the crate in folders of this `name`. Returns the first line of each difference, and the
/// lines of the summary.
fn run(name: &str, position: Position) -> Option<(Vec<String>, Vec<String>)> {
    let root = scratch().join(name);
    let manifest = "[package]\nname = \"kinds\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    write(&root.join("Cargo.toml"), manifest);
    write(&root.join("src/lib.rs"), CODE);
    let source = Source {
        name: "kinds-1.0.0".to_owned(),
        root,
        features: Vec::new(),
        for_tests: toml::Table::new(),
    };
    let Untouched {
        sources, reports, ..
    } = Untouched::run(&format!("untouched-{name}"), vec![source])?;
    let tracked = format!("tracked-{name}");
    let (tracked, after) = Workspace::run_new(&tracked, &sources, Some(position))?;
    let (before, after) = (&reports[0], &after[0]);
    let found = differences("kinds", before, after);
    let first = |text: &String| text.lines().next().map(str::to_owned);
    let summary = summary(&tracked.members[0], before, after);
    let lines = summary.lines().map(str::to_owned).collect();
    Some((found.iter().filter_map(first).collect(), lines))
}
