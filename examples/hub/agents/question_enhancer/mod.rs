//! Splits a question into sub-questions that can be answered one by one.

mod split;

use mcp_metrics::{ErrorType, tracked};
use rmcp::schemars;
use serde::{Deserialize, Serialize};

use super::text;

/// Longest question that is taken, in characters.
const MAX_LENGTH: usize = 2_000;
/// Most sub-questions that one question is split into, and how many if the caller doesn't say.
const MAX_PARTS: usize = 12;
const DEFAULT_PARTS: usize = 6;

/// What to split.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct EnhanceRequest {
    /// The question, in English; it may hold several.
    pub(crate) question: String,
    /// Most sub-questions wanted, 1 to 12 (default 6).
    pub(crate) max_sub_questions: Option<usize>,
}

/// How a sub-question came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Asked in so many words.
    Asked,
    /// One side of a comparison, or the comparison itself.
    Comparison,
    /// One item of an enumeration.
    Item,
    /// One side of a broad question.
    Aspect,
}

/// One question that stands on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub(crate) struct SubQuestion {
    /// The question.
    pub(crate) text: String,
    /// How it came to be.
    pub(crate) kind: Kind,
}

/// A question and its parts.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct EnhancedQuestion {
    /// The question as understood: white space tidied.
    pub(crate) question: String,
    /// Its parts, in the order in which they are best answered.
    pub(crate) sub_questions: Vec<SubQuestion>,
}

/// Why a question wasn't split.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum EnhanceError {
    /// Nothing but white space.
    #[error("the question is empty")]
    EmptyQuestion,
    /// Longer than anyone's question.
    #[error("the question has {0} characters, at most {MAX_LENGTH} are taken")]
    QuestionTooLong(usize),
    /// Punctuation only.
    #[error("the question holds no words")]
    NoWords,
    /// A limit of 0, or one too high.
    #[error("max_sub_questions is {0}, not between 1 and {MAX_PARTS}")]
    LimitOutOfRange(usize),
}

/// Splits a question: first what is asked separately, then comparisons and enumerations; a single
/// broad question is looked at from several sides.
#[tracked("question_enhancer", "enhance")]
pub(crate) fn enhance(request: &EnhanceRequest) -> Result<EnhancedQuestion, EnhanceError> {
    let limit = request.max_sub_questions.unwrap_or(DEFAULT_PARTS);
    if !(1..=MAX_PARTS).contains(&limit) {
        return Err(EnhanceError::LimitOutOfRange(limit));
    }
    let question = text::normalise(&request.question);
    if question.is_empty() {
        return Err(EnhanceError::EmptyQuestion);
    }
    let length = question.chars().count();
    if length > MAX_LENGTH {
        return Err(EnhanceError::QuestionTooLong(length));
    }
    if !question.contains(char::is_alphanumeric) {
        return Err(EnhanceError::NoWords);
    }

    // The full stop in "vs." would end the sentence.
    let mut asked = split::separate_questions(&question.replace(" vs. ", " vs "));
    if asked.is_empty() {
        asked.push(question.clone());
    }
    let alone = asked.len() == 1;
    let mut parts: Vec<SubQuestion> = Vec::new();
    for part in asked.iter().flat_map(|one| split::split_one(one, alone)) {
        if !parts
            .iter()
            .any(|known| known.text.eq_ignore_ascii_case(&part.text))
        {
            parts.push(part);
        }
    }
    parts.truncate(limit);
    Ok(EnhancedQuestion {
        question,
        sub_questions: parts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(question: &str) -> Vec<String> {
        let request = EnhanceRequest {
            question: question.to_owned(),
            max_sub_questions: Some(MAX_PARTS),
        };
        let enhanced = enhance(&request).expect("a question");
        enhanced
            .sub_questions
            .into_iter()
            .map(|part| part.text)
            .collect()
    }

    #[test]
    fn separate_questions_stand_alone() {
        assert_eq!(
            parts("How does scraping work and why is it pull-based? Who stores the samples?"),
            [
                "How does scraping work?",
                "Why is it pull-based?",
                "Who stores the samples?"
            ],
        );
    }

    #[test]
    fn comparisons_ask_for_both_sides_first() {
        let wanted = [
            "What is push?",
            "What is pull?",
            "How do push and pull differ?",
        ];
        assert_eq!(parts("push vs. pull"), wanted);
        assert_eq!(
            parts("What is the difference between push and pull?"),
            wanted
        );
        assert_eq!(parts("Compare push with pull."), wanted);
    }

    #[test]
    fn enumerations_share_their_beginning() {
        assert_eq!(
            parts("What are counters, gauges and histograms?"),
            [
                "What are counters?",
                "What are gauges?",
                "What are histograms?"
            ],
        );
    }

    #[test]
    fn a_lone_broad_question_is_seen_from_several_sides() {
        let found = parts("What is MCP?");
        assert_eq!(found.len(), 4);
        assert_eq!(found[..2], ["What is MCP?", "How does MCP work?"]);
    }

    #[test]
    fn text_without_ascii_is_survived() {
        assert_eq!(parts("Ärger, und wie? 為什麼?").len(), 2);
    }

    #[test]
    fn what_is_no_question_is_refused_by_kind() {
        let ask = |question: &str, max_sub_questions| {
            enhance(&EnhanceRequest {
                question: question.to_owned(),
                max_sub_questions,
            })
        };
        assert!(matches!(ask(" \n", None), Err(EnhanceError::EmptyQuestion)));
        assert!(matches!(ask("?!", None), Err(EnhanceError::NoWords)));
        assert!(matches!(
            ask(&"x".repeat(MAX_LENGTH + 1), None),
            Err(EnhanceError::QuestionTooLong(_)),
        ));
        assert!(matches!(
            ask("Why?", Some(0)),
            Err(EnhanceError::LimitOutOfRange(0))
        ));
    }
}
