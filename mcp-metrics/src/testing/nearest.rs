//! Suggestions for mistyped names.

use std::cmp::Reverse;

use strsim::osa_distance;

/// Returns the candidate that is probably meant by `name`, if there is one.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typos = candidates
        .into_iter()
        .filter_map(|it| Some((typo(name, it)?, it)));
    typos.min().map(|(_, candidate)| candidate)
}

/// Returns the candidate that shares most words with `name`, if one shares a word.
pub(super) fn most_words_of<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let words: Vec<&str> = name.split('_').collect();
    let candidates = candidates.into_iter().filter_map(|candidate| {
        let all = candidate.split('_');
        let shared = all.clone().filter(|word| words.contains(word)).count();
        (shared > 0).then(|| (Reverse(shared), all.count(), candidate))
    });
    candidates.min().map(|(.., candidate)| candidate)
}

/// Returns the number of edits between two names if one is probably a typo of the other: if at most
/// a third of the characters differ. Case and separators are not counted.
pub(super) fn typo(a: &str, b: &str) -> Option<usize> {
    let letters = |name: &str| {
        let letters = name.chars().filter(|it| it.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    let (a, b) = (letters(a), letters(b));
    let distance = osa_distance(&a, &b);
    let length = a.chars().count().max(b.chars().count());
    (distance <= length / 3).then_some(distance)
}
