//! The local model: an extractive summariser that selects the sentences of the context that are
//! most relevant to the prompt. It generates no text.

use std::collections::{HashMap, HashSet};

use mcp_metrics::TokenUsage;

use crate::agents::text;

use super::{Completion, LlmRequest};

/// The value of the `model` label.
pub(super) const MODEL: &str = "extractive";

/// Maximum number of sentences in an answer.
const ANSWER_SENTENCES: usize = 3;
/// Weight of the words of the prompt, relative to all other words.
const PROMPT_WEIGHT: f64 = 4.0;

/// Answers a request. The tokens of this model are words.
pub(super) fn complete(request: &LlmRequest) -> Completion {
    let LlmRequest { prompt, context } = request;
    let text = summarise(prompt, context);
    let words = |text: &str| text::words(text).count() as u64;
    let usage = TokenUsage {
        input: words(prompt) + words(context),
        output: words(&text),
    };
    Completion {
        text,
        usage: Some(usage),
    }
}

/// Answers a prompt with sentences of the context, or of the prompt if the context is empty.
fn summarise(prompt: &str, context: &str) -> String {
    let source = if context.trim().is_empty() {
        prompt
    } else {
        context
    };
    let sentences = text::sentences(source);
    let asked: HashSet<String> = text::stems(prompt).into_iter().collect();
    let stems: Vec<Vec<String>> = sentences
        .iter()
        .map(|sentence| text::stems(sentence))
        .collect();
    let frequency = frequencies(&stems);

    let score = |words: &[String]| -> f64 {
        let distinct: HashSet<&String> = words.iter().collect();
        let sum: f64 = distinct
            .iter()
            .map(|word| {
                let weight = if asked.contains(*word) {
                    PROMPT_WEIGHT
                } else {
                    1.0
                };
                weight * frequency[word.as_str()]
            })
            .sum();
        // Long sentences contain more words of every kind. Dividing by the square root of the
        // length keeps them from always ranking first.
        sum / to_f64(words.len().max(4)).sqrt()
    };
    let mut ranked: Vec<(usize, f64)> =
        stems.iter().map(|words| score(words)).enumerate().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));

    let mut chosen: Vec<usize> = Vec::new();
    for (at, _) in ranked {
        // Documents may contain the same sentence more than once.
        if !chosen
            .iter()
            .any(|&known| sentences[known] == sentences[at])
        {
            chosen.push(at);
        }
        if chosen.len() == ANSWER_SENTENCES {
            break;
        }
    }
    chosen.sort_unstable();
    chosen
        .into_iter()
        .map(|at| sentences[at].as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns the frequency of each word, relative to the most frequent one.
fn frequencies(sentences: &[Vec<String>]) -> HashMap<&str, f64> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in sentences.iter().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(1);
    counts
        .into_iter()
        .map(|(word, count)| (word, to_f64(count) / to_f64(most)))
        .collect()
}

/// Converts a word count to a float; realistic counts are converted exactly.
fn to_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &str = "Gauges go up and down. Counters only go up. Bananas are yellow. \
                           A counter is reset when its process restarts. Water is wet.";

    #[test]
    fn answer_contains_relevant_sentences_in_order() {
        let answer = summarise("When is a counter reset?", CONTEXT);
        assert!(
            answer.contains("reset when its process restarts"),
            "{answer}"
        );
        let (up, reset) = (
            answer.find("Counters only"),
            answer.find("A counter is reset"),
        );
        assert!(up < reset, "{answer}");
        assert!(!answer.contains("Bananas"), "{answer}");
    }

    #[test]
    fn prompt_without_context_is_summarised() {
        assert_eq!(summarise("Only one sentence.", ""), "Only one sentence.");
    }

    #[test]
    fn tokens_are_the_words_of_prompt_context_and_answer() {
        let request = LlmRequest {
            prompt: "What is tea?".to_owned(),
            context: "Tea is hot. Tea is hot.".to_owned(),
        };
        let completion = complete(&request);
        assert_eq!(completion.text, "Tea is hot.");
        let usage = TokenUsage {
            input: 9,
            output: 3,
        };
        assert_eq!(completion.usage, Some(usage));
    }

    #[test]
    fn repeated_sentences_are_selected_once() {
        assert_eq!(
            summarise("tea", "Tea is hot. Tea is hot. Tea is hot."),
            "Tea is hot."
        );
    }
}
