//! What differs between crates as they are and with their functions tracked.

use crate::layout::Workspace;
use crate::suite::Report;

/// Checks that nothing but the attribute has come to the crates.
pub(crate) fn assert_same(before: &Report, after: &Report) {
    let complaints = complaints(before, after);
    assert!(
        complaints.is_empty(),
        "{} differences:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
    assert!(
        before.built && after.built,
        "they are not built, for no reason in their code"
    );
    assert!(!before.tests.is_empty(), "there are no tests to be passed");
}

/// All that is new, or missing, in `after`.
fn complaints(before: &Report, after: &Report) -> Vec<String> {
    let messages = after.messages.iter();
    let new = messages.filter(|(key, _)| !before.messages.contains_key(*key));
    let mut complaints: Vec<_> = new.map(|(_, message)| message.clone()).collect();
    let gone = before
        .messages
        .iter()
        .filter(|(key, _)| !after.messages.contains_key(*key));
    complaints.extend(gone.map(|(_, message)| format!("no longer said: {message}")));
    if before.built && after.built {
        let (lost, found) = (&before.tests - &after.tests, &after.tests - &before.tests);
        complaints.extend(lost.iter().map(|test| format!("untouched: {test}")));
        complaints.extend(found.iter().map(|test| format!("tracked:   {test}")));
    }
    complaints
}

/// What was tried.
pub(crate) fn summary(report: &Report, tracked: &Workspace) -> String {
    let mut lines = vec![format!("{} tests in all", report.tests.len())];
    for (name, functions) in &tracked.members {
        lines.push(format!("{name}: {functions} functions"));
    }
    lines.join("\n")
}
