//! Compares the reports of untouched and of tracked crates.

use crate::layout::Workspace;
use crate::suite::Report;

/// Asserts that the attribute changed neither the compiler's messages nor the test results.
pub(crate) fn assert_same(before: &Report, after: &Report) {
    let differences = differences(before, after);
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(
        before.built && after.built,
        "a build failed without a message about the crates"
    );
    assert!(!before.tests.is_empty(), "the crates have no tests");
}

/// Returns what `after` has more or less than `before`.
fn differences(before: &Report, after: &Report) -> Vec<String> {
    let messages = after.messages.iter();
    let new = messages.filter(|(key, _)| !before.messages.contains_key(*key));
    let mut differences: Vec<_> = new.map(|(_, message)| message.clone()).collect();
    let gone = before
        .messages
        .iter()
        .filter(|(key, _)| !after.messages.contains_key(*key));
    differences.extend(gone.map(|(_, message)| format!("missing message: {message}")));
    if before.built && after.built {
        let (lost, found) = (&before.tests - &after.tests, &after.tests - &before.tests);
        differences.extend(lost.iter().map(|test| format!("untouched: {test}")));
        differences.extend(found.iter().map(|test| format!("tracked:   {test}")));
    }
    differences
}

/// Returns the number of tests, and of annotated functions per crate.
pub(crate) fn summary(report: &Report, tracked: &Workspace) -> String {
    let mut lines = vec![format!("{} tests in all", report.tests.len())];
    for (name, functions) in &tracked.members {
        lines.push(format!("{name}: {functions} functions"));
    }
    lines.join("\n")
}
