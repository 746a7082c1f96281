//! Splitting of questions by punctuation and wording.

use crate::agents::text;

use super::{Kind, SubQuestion};

/// Words that start a separate question after "and", "or" or a comma.
const STARTERS: &[&str] = &[
    "are ", "can ", "could ", "did ", "do ", "does ", "how ", "is ", "should ", "what ", "when ",
    "where ", "which ", "who ", "why ", "will ",
];
/// Prefixes that apply to each item of an enumeration.
const LEADS: &[&str] = &[
    "what is",
    "what are",
    "explain",
    "describe",
    "define",
    "tell me about",
];
/// Prefixes of broad questions, which are split into aspects.
const BROAD: &[&str] = &[
    "what is",
    "what are",
    "explain",
    "describe",
    "tell me about",
];

/// Splits at question marks, sentence ends and conjunctions such as "…, and why …".
pub(super) fn separate_questions(question: &str) -> Vec<String> {
    question
        .split_inclusive(['?', ';', '!'])
        .flat_map(text::sentences)
        .flat_map(|sentence| cut_before_starters(trim_punctuation(&sentence)))
        .filter(|part| part.contains(char::is_alphanumeric))
        .collect()
}

/// Splits a sentence such as "how does it work and why is it fast".
fn cut_before_starters(sentence: &str) -> Vec<String> {
    let lower = sentence.to_ascii_lowercase();
    let mut cuts = Vec::new();
    for joint in [", and ", " and ", ", or ", ", "] {
        for (at, _) in lower.match_indices(joint) {
            let next = at + joint.len();
            let starts = STARTERS
                .iter()
                .any(|starter| lower[next..].starts_with(starter));
            if starts && !cuts.iter().any(|&(_, known)| known == next) {
                cuts.push((at, next));
            }
        }
    }
    cuts.sort_unstable();
    let mut parts = Vec::new();
    let mut start = 0;
    for (end, next) in cuts {
        parts.push(sentence[start..end].to_owned());
        start = next;
    }
    parts.push(sentence[start..].to_owned());
    parts
}

/// Returns the parts of a question: of a comparison, an enumeration or a broad question, or the
/// question itself.
pub(super) fn split_one(question: &str, alone: bool) -> Vec<SubQuestion> {
    if let Some((left, right)) = comparison(question) {
        return [
            format!("What {} {left}", to_be(&left)),
            format!("What {} {right}", to_be(&right)),
            format!("How do {left} and {right} differ"),
        ]
        .map(|text| sub_question(&text, Kind::Comparison))
        .to_vec();
    }
    if let Some((lead, items)) = enumeration(question) {
        let ask = |item: &String| sub_question(&format!("{lead} {item}"), Kind::Item);
        return items.iter().map(ask).collect();
    }
    let itself = sub_question(question, Kind::Asked);
    match broad_topic(question) {
        Some(topic) if alone => {
            let aspects = [
                format!("How does {topic} work"),
                format!("When should {topic} be used"),
                format!("What are the limits of {topic}"),
            ];
            let aspects = aspects.map(|text| sub_question(&text, Kind::Aspect));
            [itself].into_iter().chain(aspects).collect()
        }
        _ => vec![itself],
    }
}

/// Returns the verb for a noun: "are" after a plural such as "counters", "is" after "access".
fn to_be(noun: &str) -> &'static str {
    if noun.ends_with('s') && !noun.ends_with("ss") {
        "are"
    } else {
        "is"
    }
}

/// Returns the two sides of "A vs B", "compare A with B" or "difference between A and B".
fn comparison(question: &str) -> Option<(String, String)> {
    let lower = question.to_ascii_lowercase();
    let side = |text: &str| {
        let text = trim_punctuation(text);
        let article = ["a ", "an ", "the "]
            .iter()
            .find_map(|article| text.strip_prefix(article));
        article.unwrap_or(text).to_owned()
    };
    for joint in [" vs ", " versus ", " compared to ", " compared with "] {
        if let Some(at) = lower.find(joint) {
            let left = strip_lead(&question[..at]);
            return Some((side(left), side(&question[at + joint.len()..])));
        }
    }
    for (start, joints) in [
        ("compare ", [" with ", " and "]),
        ("difference between ", [" and ", " and "]),
        ("differences between ", [" and ", " and "]),
    ] {
        let Some(at) = lower.find(start) else {
            continue;
        };
        let rest = &question[at + start.len()..];
        let lower_rest = &lower[at + start.len()..];
        let joint = joints
            .iter()
            .find_map(|joint| Some((lower_rest.find(joint)?, joint.len())));
        if let Some((at, length)) = joint {
            return Some((side(&rest[..at]), side(&rest[at + length..])));
        }
    }
    None
}

/// Returns the prefix and the items of a question such as "what are A, B and C".
fn enumeration(question: &str) -> Option<(&str, Vec<String>)> {
    let rest = strip_lead(question);
    let lead = question[..question.len() - rest.len()].trim_end();
    if lead.is_empty() {
        return None;
    }
    let (front, last) = rest
        .rsplit_once(" and ")
        .or_else(|| rest.rsplit_once(" or "))?;
    let items = front
        .split(',')
        .chain([last])
        .map(trim_punctuation)
        .filter(|item| !item.is_empty());
    // Long items are clauses ("… and the reason for it"), not items of an enumeration.
    let items = items
        .map(|item| (item.split(' ').count() <= 4).then(|| item.to_owned()))
        .collect::<Option<Vec<_>>>()?;
    (items.len() > 1).then_some((lead, items))
}

/// Returns the topic of a question such as "what is X", if it is short enough.
fn broad_topic(question: &str) -> Option<&str> {
    let lower = question.to_ascii_lowercase();
    let lead = BROAD.iter().find(|lead| lower.starts_with(*lead));
    let topic = match lead {
        Some(lead) => trim_punctuation(&question[lead.len()..]),
        // A name alone ("Prometheus") is a broad question, too.
        None if question.split(' ').count() <= 2 => trim_punctuation(question),
        None => return None,
    };
    (!topic.is_empty() && topic.split(' ').count() <= 4).then_some(topic)
}

/// Removes a prefix such as "what is".
fn strip_lead(question: &str) -> &str {
    let lower = question.to_ascii_lowercase();
    let lead = LEADS.iter().find(|lead| {
        lower
            .strip_prefix(*lead)
            .is_some_and(|rest| rest.starts_with(' '))
    });
    lead.map_or(question, |lead| question[lead.len()..].trim_start())
}

/// Trims white space and punctuation at both ends.
fn trim_punctuation(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ",.;:!?".contains(c))
}

/// Creates a sub-question with an initial capital and a question mark.
fn sub_question(text: &str, kind: Kind) -> SubQuestion {
    let text = trim_punctuation(text);
    let mut rest = text.chars();
    let first = rest
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    SubQuestion {
        text: format!("{first}{}?", rest.as_str()),
        kind,
    }
}
