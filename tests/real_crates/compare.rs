//! Compares the reports of untouched and of tracked crates.

use crate::annotate::AnnotatedFile;
use crate::layout::Member;
use crate::suite::Report;

/// Returns what the attribute changed in a crate: functions on which it does not compile, the
/// compiler's messages and the test results.
pub(crate) fn differences(name: &str, before: &Report, after: &Report) -> Vec<String> {
    let rejected = after.rejections.iter().filter(|it| !it.by_other_macro);
    let mut differences: Vec<_> = rejected
        .map(|rejection| format!("rejected: {}\n{}", rejection.target, rejection.message))
        .collect();
    let (old, new) = (&before.build.messages, &after.build.messages);
    let added = new.iter().filter(|(key, _)| !old.contains_key(*key));
    differences.extend(added.map(|(_, message)| format!("new message: {}", message.rendered)));
    let gone = old.iter().filter(|(key, _)| !new.contains_key(*key));
    differences.extend(gone.map(|(_, message)| format!("missing message: {}", message.rendered)));
    if after.build.succeeded {
        let (lost, found) = (&before.tests - &after.tests, &after.tests - &before.tests);
        differences.extend(lost.iter().map(|test| format!("untouched: {name} {test}")));
        differences.extend(found.iter().map(|test| format!("tracked:   {name} {test}")));
        if before.tests.is_empty() {
            differences.push(format!("{name} has no tests"));
        }
    } else {
        differences.push(format!("{name} does not build tracked"));
    }
    differences
}

/// Returns the numbers of functions and tests of a crate, the times, and one line for each function
/// without the attribute.
pub(crate) fn summary(member: &Member, before: &Report, after: &Report) -> String {
    let Member {
        name,
        files,
        unparsed,
        ..
    } = member;
    let excluded = files.iter().flat_map(|(path, file)| {
        let line = |file: &AnnotatedFile, target| file.line(target);
        file.excluded().map(move |(target, reason)| {
            let at = format!("{}:{}", path.display(), line(file, target));
            format!("  {reason}: {name} {at}: {}", target.signature)
        })
    });
    let unparsed = unparsed
        .iter()
        .map(|path| format!("  not parsed: {name} {}", path.display()));
    let by_other_macros = after.rejections.iter().filter(|it| it.by_other_macro);
    let in_macros = by_other_macros.map(|it| format!("  refused by its macro: {}", it.target));
    let untracked: Vec<_> = excluded.chain(unparsed).chain(in_macros).collect();
    let rejected = after.rejections.iter().filter(|it| !it.by_other_macro);
    let tests = after.tests.iter().filter(|test| test.contains(" ... "));
    let numbers = format!(
        "{name}: {} functions tracked, {} rejected, {} not trackable; {} tests; seconds to build \
        {:.0} (untouched {:.0}), to test {:.0} (untouched {:.0})",
        member.annotated(),
        rejected.count(),
        untracked.len(),
        tests.count(),
        after.building.as_secs_f64(),
        before.building.as_secs_f64(),
        after.testing.as_secs_f64(),
        before.testing.as_secs_f64(),
    );
    [vec![numbers], untracked].concat().join("\n")
}
