//! Splits a question into sub-questions that can be answered one by one.

mod split;

use mcp_metrics::{ErrorType, tracked};
use rmcp::schemars;
use serde::{Deserialize, Serialize};

use super::text;

/// Maximum length of a question, in characters.
const MAX_LENGTH: usize = 2_000;
/// Maximum and default number of sub-questions.
const MAX_PARTS: usize = 12;
const DEFAULT_PARTS: usize = 6;

/// A request to split a question.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct EnhanceRequest {
    /// The question, in English; it may contain several questions.
    pub(crate) question: String,
    /// Maximum number of sub-questions, 1 to 12 (default 6).
    pub(crate) max_sub_questions: Option<usize>,
}

/// The origin of a sub-question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Asked literally.
    Asked,
    /// Part of a comparison, or the comparison itself.
    Comparison,
    /// One item of an enumeration.
    Item,
    /// One aspect of a broad question.
    Aspect,
}

/// A self-contained question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub(crate) struct SubQuestion {
    /// The question.
    pub(crate) text: String,
    /// Its origin.
    pub(crate) kind: Kind,
}

/// A question and its sub-questions.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct EnhancedQuestion {
    /// The question with normalised white space.
    pub(crate) question: String,
    /// The sub-questions, in the order in which they should be answered.
    pub(crate) sub_questions: Vec<SubQuestion>,
}

/// An error while splitting a question.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum EnhanceError {
    /// The question contains only white space.
    #[error("the question is empty")]
    EmptyQuestion,
    /// The question is too long.
    #[error("the question has {0} characters; at most {MAX_LENGTH} are allowed")]
    QuestionTooLong(usize),
    /// The question contains only punctuation.
    #[error("the question contains no words")]
    NoWords,
    /// The limit is out of range.
    #[error("`max_sub_questions` must be between 1 and {MAX_PARTS} (got {0})")]
    LimitOutOfRange(usize),
}

/// Splits a question into separate questions, then splits comparisons and enumerations. A single
/// broad question is split into aspects.
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

    // Otherwise the full stop in "vs." would end the sentence.
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
    fn separate_questions_are_split() {
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
    fn comparison_is_split_into_both_sides_and_the_difference() {
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
    fn enumeration_is_split_into_its_items() {
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
    fn single_broad_question_is_split_into_aspects() {
        let found = parts("What is MCP?");
        assert_eq!(found.len(), 4);
        assert_eq!(found[..2], ["What is MCP?", "How does MCP work?"]);
    }

    #[test]
    fn non_ascii_text_is_split() {
        assert_eq!(parts("Ärger, und wie? 為什麼?").len(), 2);
    }

    #[test]
    fn invalid_requests_are_errors() {
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
