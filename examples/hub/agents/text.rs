//! Words and sentences: the little text handling that several agents share.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// Words too common to tell one text from another.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been",
    "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "how",
    "i", "if", "in", "into", "is", "it", "its", "may", "me", "more", "most", "must", "my", "no",
    "not", "of", "on", "one", "only", "or", "our", "should", "so", "some", "such", "tell", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "was", "we",
    "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "would",
    "you", "your",
];

/// Puts single spaces where there was any white space, and none at the ends.
pub(crate) fn normalise(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a text, as written.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
}

/// The words that carry meaning, lower-cased and reduced to their stems ("counting" and "counted"
/// become "count"), in their order and with repetitions.
pub(crate) fn stems(text: &str) -> Vec<String> {
    let stemmer = Stemmer::create(Algorithm::English);
    words(text)
        .map(str::to_lowercase)
        .filter(|word| !is_stop_word(word))
        .map(|word| match stemmer.stem(&word) {
            Cow::Borrowed(stem) if stem.len() == word.len() => word,
            stem => stem.into_owned(),
        })
        .collect()
}

/// Whether a lower-case word is too common to matter.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// Splits prose into sentences. Markdown headings and list markers are dropped.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(|paragraph| {
            let lines = paragraph.lines().filter(|line| !line.starts_with('#'));
            normalise(
                &lines
                    .map(|line| line.trim_start_matches("- "))
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        })
        .flat_map(|paragraph| split_paragraph(&paragraph))
        .collect()
}

/// Splits after `.`, `!` and `?` where a space and something other than a lower-case letter follow.
fn split_paragraph(paragraph: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, _) in paragraph.match_indices(['.', '!', '?']) {
        let rest = &paragraph[at + 1..];
        let ends = rest
            .strip_prefix(' ')
            .is_some_and(|next| !next.starts_with(char::is_lowercase));
        if ends || rest.is_empty() {
            found.push(paragraph[start..=at].trim().to_owned());
            start = at + 1;
        }
    }
    let tail = paragraph[start..].trim();
    if !tail.is_empty() {
        found.push(tail.to_owned());
    }
    found
}

/// Cuts a text after at most `limit` characters, at a word's end, and marks the cut.
pub(crate) fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return Cow::Borrowed(text);
    };
    let cut = &text[..end];
    let cut = cut
        .rsplit_once(' ')
        .map_or(cut, |(whole_words, _)| whole_words);
    Cow::Owned(format!("{cut}…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_for_the_binary_search() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn stems_join_the_forms_of_a_word() {
        assert_eq!(stems("How are counters counted?"), ["counter", "count"]);
        assert!(stems("what is it").is_empty());
    }

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        let text = "# Title\n\nVersion 0.0.4 is text. It is old, e.g. from 2014!\n\n- Really?";
        assert_eq!(
            sentences(text),
            [
                "Version 0.0.4 is text.",
                "It is old, e.g. from 2014!",
                "Really?"
            ],
        );
    }

    #[test]
    fn shortening_never_cuts_a_word_or_a_character() {
        assert_eq!(shorten("counts go up", 100), "counts go up");
        assert_eq!(shorten("zähler gehen hoch", 9), "zähler…");
    }
}
