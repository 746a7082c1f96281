//! Chains the other agents: splits a question, searches for each part, has each part answered from
//! what was found, rates the answers with a script, and cites the sources.

use std::{sync::LazyLock, time::Duration};

use futures_util::future::try_join_all;
use mcp_metrics::{ErrorType, tracked};
use rmcp::schemars;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::{
    Agents,
    citation_formatter::{self, CitationError, CitationRequest, Source, Style},
    code_runner::{CodeError, CodeRequest},
    llm_processor::{LlmError, LlmRequest},
    question_enhancer::{self, EnhanceError, EnhanceRequest},
    web_search::{Hit, SearchError, SearchRequest},
};

/// How long everything together may take.
const TIME_LIMIT: Duration = Duration::from_secs(90);
/// How many documents each part of the question is answered from.
const HITS_PER_PART: usize = 3;
/// Rates the answers by how well their sources fit; a script because the hub can run scripts.
const RATING: &str = include_str!("rating.rhai");

/// What to answer.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct ResearchRequest {
    /// The question, in English.
    pub(crate) question: String,
    /// Most sub-questions to split it into, 1 to 12 (default 6).
    pub(crate) max_sub_questions: Option<usize>,
    /// How the sources are cited (default APA).
    #[serde(default)]
    pub(crate) citation_style: Style,
}

/// The answer to one part.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct PartialAnswer {
    /// The sub-question.
    pub(crate) question: String,
    /// Its answer; empty if nothing was found.
    pub(crate) answer: String,
    /// What it rests on: numbers of citations, from 1.
    pub(crate) sources: Vec<usize>,
}

/// The whole answer.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct ResearchReply {
    /// Part by part.
    pub(crate) answers: Vec<PartialAnswer>,
    /// The sources, as numbered in the answers.
    pub(crate) citations: Vec<String>,
    /// How well the sources fit the question, 0 to 1.
    pub(crate) confidence: f64,
}

/// Which step failed. Each is labelled as that step's own error, so that the metrics say at a
/// glance whether a `RateLimited` of the model or an `EmptyQuestion` of the caller is behind it.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum ResearchError {
    /// The question couldn't be split.
    #[error_type(transparent)]
    #[error(transparent)]
    Question(#[from] EnhanceError),
    /// A search failed.
    #[error_type(transparent)]
    #[error(transparent)]
    Search(#[from] SearchError),
    /// A part couldn't be answered.
    #[error_type(transparent)]
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// The rating script failed.
    #[error_type(transparent)]
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A source couldn't be cited.
    #[error_type(transparent)]
    #[error(transparent)]
    Citation(#[from] CitationError),
    /// Not one document fits.
    #[error("nothing is known about that")]
    NothingFound,
    /// It took too long as a whole.
    #[error("the question was not answered within {} s", TIME_LIMIT.as_secs())]
    Timeout,
}

/// Answers a question with the help of all other agents.
#[tracked("orchestrator", "research")]
pub(crate) async fn research(
    agents: &Agents,
    request: ResearchRequest,
) -> Result<ResearchReply, ResearchError> {
    // When the time is up the steps still under way are dropped, and so counted as cancelled.
    let answer = tokio::time::timeout(TIME_LIMIT, answer(agents, request));
    answer.await.unwrap_or(Err(ResearchError::Timeout))
}

/// One part, and the documents found for it.
struct Part {
    /// The sub-question.
    question: String,
    /// The documents.
    hits: Vec<Hit>,
}

/// All steps, one after the other; what is independent within a step runs concurrently.
async fn answer(agents: &Agents, request: ResearchRequest) -> Result<ResearchReply, ResearchError> {
    let enhanced = question_enhancer::enhance(&EnhanceRequest {
        question: request.question,
        max_sub_questions: request.max_sub_questions,
    })?;
    let searches = enhanced
        .sub_questions
        .into_iter()
        .map(|part| find(agents, part.text));
    let parts = try_join_all(searches).await?;
    if parts.iter().all(|part| part.hits.is_empty()) {
        return Err(ResearchError::NothingFound);
    }
    let texts = try_join_all(parts.iter().map(|part| explain(agents, part))).await?;
    let confidence = rate(agents, &parts).await?;

    let mut cited: Vec<&Hit> = Vec::new();
    let mut answers = Vec::with_capacity(parts.len());
    for (part, answer) in parts.iter().zip(texts) {
        let sources = part
            .hits
            .iter()
            .map(|hit| number(&mut cited, hit))
            .collect();
        answers.push(PartialAnswer {
            question: part.question.clone(),
            answer,
            sources,
        });
    }
    let sources = cited.into_iter().map(source).collect();
    let style = request.citation_style;
    let citations = citation_formatter::format(&CitationRequest { sources, style })?.citations;
    Ok(ResearchReply {
        answers,
        citations,
        confidence,
    })
}

/// Searches for one part.
async fn find(agents: &Agents, question: String) -> Result<Part, ResearchError> {
    let request = SearchRequest {
        query: question.clone(),
        limit: Some(HITS_PER_PART),
    };
    match agents.search.search(&request).await {
        Ok(reply) => Ok(Part {
            question,
            hits: reply.hits,
        }),
        // "What is it?" holds no word to search for: nothing found, but no reason to give up.
        Err(SearchError::NothingToSearchFor) => Ok(Part {
            question,
            hits: Vec::new(),
        }),
        Err(error) => Err(error.into()),
    }
}

/// Has one part answered from what was found for it.
async fn explain(agents: &Agents, part: &Part) -> Result<String, ResearchError> {
    if part.hits.is_empty() {
        return Ok(String::new());
    }
    let passages: Vec<&str> = part.hits.iter().map(|hit| hit.passage.as_str()).collect();
    let request = LlmRequest {
        prompt: part.question.clone(),
        context: passages.join("\n\n"),
    };
    Ok(agents.llm.process(request).await?.text)
}

/// Rates the whole answer, 0 to 1.
async fn rate(agents: &Agents, parts: &[Part]) -> Result<f64, ResearchError> {
    let scores: Vec<Vec<f32>> = parts
        .iter()
        .map(|part| part.hits.iter().map(|hit| hit.score).collect())
        .collect();
    let inputs = Map::from_iter([("scores".to_owned(), json!(scores))]);
    let request = CodeRequest {
        script: RATING.to_owned(),
        inputs,
        timeout_ms: None,
    };
    Ok(agents
        .code
        .execute(request)
        .await?
        .result
        .as_f64()
        .unwrap_or_default())
}

/// The citation number of a document, the next free one if it has none yet.
fn number<'a>(cited: &mut Vec<&'a Hit>, hit: &'a Hit) -> usize {
    let known = cited.iter().position(|known| known.source == hit.source);
    known.unwrap_or_else(|| {
        cited.push(hit);
        cited.len() - 1
    }) + 1
}

/// A document as a source to cite.
fn source(hit: &Hit) -> Source {
    static OWN: LazyLock<String> = LazyLock::new(|| "mcp-metrics example hub".to_owned());
    // A path below --corpus is no link.
    let bundled = hit.source.starts_with("hub:");
    Source {
        title: hit.title.clone(),
        publisher: bundled.then(|| OWN.clone()),
        url: bundled.then(|| hit.source.clone()),
        ..Source::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;

    use super::*;

    async fn ask(question: &str) -> Result<ResearchReply, ResearchError> {
        let agents = Agents::new(&Cli::offline(&["hub"])).expect("agents");
        let request = ResearchRequest {
            question: question.to_owned(),
            max_sub_questions: None,
            citation_style: Style::Apa,
        };
        research(&agents, request).await
    }

    #[tokio::test]
    async fn a_question_is_answered_from_cited_sources() {
        let reply = ask("What are counters and histograms?")
            .await
            .expect("an answer");
        assert_eq!(reply.answers.len(), 2);
        assert!(reply.answers.iter().all(|part| !part.answer.is_empty()));
        let highest = reply.answers.iter().flat_map(|part| &part.sources).max();
        assert_eq!(highest, Some(&reply.citations.len()));
        assert!((0.0..=1.0).contains(&reply.confidence) && reply.confidence > 0.0);
    }

    #[tokio::test]
    async fn an_unanswerable_question_says_so() {
        assert!(matches!(
            ask("Zxqv wvut qqrst?").await,
            Err(ResearchError::NothingFound)
        ));
        assert!(matches!(ask("").await, Err(ResearchError::Question(_))));
    }
}
