//! Text processing shared by several agents: words, stems and sentences.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// Words that are too common to distinguish one text from another.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been",
    "but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "how",
    "i", "if", "in", "into", "is", "it", "its", "may", "me", "more", "most", "must", "my", "no",
    "not", "of", "on", "one", "only", "or", "our", "should", "so", "some", "such", "tell", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "to", "was", "we",
    "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "would",
    "you", "your",
];

/// Trims a text and replaces each run of white space with a single space.
pub(crate) fn normalise(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the words of a text, unchanged.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
}

/// Returns the stems of the words that are not stop words, in lower case ("counting" and "counted"
/// become "count"). Order and repetitions are preserved.
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

/// Returns whether a lower-case word is a stop word.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// Splits prose into sentences, without Markdown headings and list markers.
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

/// Splits after each `.`, `!` and `?` that is followed by a space and no lower-case letter.
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

/// Truncates a text to at most `limit` characters, at a word boundary, and appends an ellipsis.
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
    fn stop_words_are_sorted() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn stems_of_inflected_words_are_equal() {
        assert_eq!(stems("How are counters counted?"), ["counter", "count"]);
        assert!(stems("what is it").is_empty());
    }

    #[test]
    fn sentences_of_markdown_are_split_at_their_ends() {
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
    fn shortened_text_ends_at_a_word_boundary() {
        assert_eq!(shorten("counts go up", 100), "counts go up");
        assert_eq!(shorten("zähler gehen hoch", 9), "zähler…");
    }
}
