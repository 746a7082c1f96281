//! Error types whose labels are known when the program is linked, so that failures of the
//! functions that return them can start at zero.

use std::cmp::Reverse;

/// The labels of one type that derives `ErrorType`.
#[derive(Debug)]
pub struct KnownErrors {
    /// The type's name.
    pub name: &'static str,
    /// The path of its module.
    pub module: &'static str,
    /// Its own labels.
    pub labels: &'static [&'static str],
    /// The names of the types whose labels it passes on.
    pub inner: &'static [&'static str],
}

inventory::collect!(KnownErrors);

/// The labels of the error that a function in `module` calls `name`.
///
/// A macro sees names and not types, so this goes by the name: the type is taken from the same
/// crate, the nearest module first, and none is taken if two are equally near. What is not found
/// starts at its first failure.
pub(crate) fn labels(name: &str, module: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    // Types can pass on each other's labels in a circle.
    let mut names = vec![(name, module)];
    let mut at = 0;
    while let Some((name, module)) = names.get(at).copied() {
        at += 1;
        if let Some(errors) = nearest(name, module) {
            found.extend_from_slice(errors.labels);
            let inner = errors.inner.iter().map(|inner| (*inner, errors.module));
            names.extend(inner.filter(|new| !names.contains(new)).collect::<Vec<_>>());
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn nearest(name: &str, module: &str) -> Option<&'static KnownErrors> {
    // More of the path in common is nearer, and then fewer steps down from there.
    let nearness = |errors: &KnownErrors| {
        let (ours, theirs) = (module.split("::"), errors.module.split("::"));
        let shared = ours.zip(theirs.clone()).take_while(|(a, b)| a == b).count();
        (shared, Reverse(theirs.count()))
    };
    let candidates = inventory::iter::<KnownErrors>()
        .map(|errors| (nearness(errors), errors))
        .filter(|((shared, _), errors)| *shared > 0 && errors.name == name);
    let best = candidates.clone().map(|(nearness, _)| nearness).max()?;
    let mut nearest = candidates.filter(|(nearness, _)| *nearness == best);
    match (nearest.next(), nearest.next()) {
        (Some((_, errors)), None) => Some(errors),
        _ => None,
    }
}
