//! Chains the other agents: splits a question, searches documents for each part, answers each part
//! from the search results, rates the answers with a script, and cites the sources.

use std::time::Duration;

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

/// Timeout of a research request.
const TIME_LIMIT: Duration = Duration::from_secs(90);
/// Number of documents from which each part of the question is answered.
const HITS_PER_PART: usize = 3;
/// Script that rates the answers by the relevance of their sources.
const RATING: &str = include_str!("rating.rhai");

/// A request to answer a question.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct ResearchRequest {
    /// The question, in English.
    pub(crate) question: String,
    /// Maximum number of sub-questions, 1 to 12 (default 6).
    pub(crate) max_sub_questions: Option<usize>,
    /// Citation style (default APA).
    #[serde(default)]
    pub(crate) citation_style: Style,
}

/// The answer to one part of the question.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct PartialAnswer {
    /// The sub-question.
    pub(crate) question: String,
    /// The answer; empty if no document was found.
    pub(crate) answer: String,
    /// The numbers of the citations that it is based on, from 1.
    pub(crate) sources: Vec<usize>,
}

/// The answer to the whole question.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct ResearchReply {
    /// The answers to the parts.
    pub(crate) answers: Vec<PartialAnswer>,
    /// The cited sources, in the order of their numbers.
    pub(crate) citations: Vec<String>,
    /// How relevant the sources are to the question, 0 to 1.
    pub(crate) confidence: f64,
}

/// An error of one of the steps. The label is that of the step's own error, so that the metrics
/// distinguish, for example, a `RateLimited` of the model from an `EmptyQuestion` of the caller.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum ResearchError {
    /// The question could not be split.
    #[error_type(transparent)]
    #[error(transparent)]
    Question(#[from] EnhanceError),
    /// A search failed.
    #[error_type(transparent)]
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The language model failed.
    #[error_type(transparent)]
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// The rating script failed.
    #[error_type(transparent)]
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A source could not be cited.
    #[error_type(transparent)]
    #[error(transparent)]
    Citation(#[from] CitationError),
    /// No document matches.
    #[error("no document matches the question")]
    NothingFound,
    /// The whole request timed out.
    #[error("the question was not answered within {} s", TIME_LIMIT.as_secs())]
    Timeout,
}

/// Answers a question using all other agents.
#[tracked("orchestrator", "research")]
pub(crate) async fn research(
    agents: &Agents,
    request: ResearchRequest,
) -> Result<ResearchReply, ResearchError> {
    // At the timeout, the steps in flight are dropped and therefore counted as cancelled.
    let answer = tokio::time::timeout(TIME_LIMIT, answer(agents, request));
    answer.await.unwrap_or(Err(ResearchError::Timeout))
}

/// A part of the question with its search results.
struct Part {
    /// The sub-question.
    question: String,
    /// The documents found.
    hits: Vec<Hit>,
}

/// Runs the steps in sequence; independent work within a step runs concurrently.
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

/// Searches documents for one part.
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
        // A part such as "What is it?" has no search terms. The other parts can still be answered.
        Err(SearchError::NothingToSearchFor) => Ok(Part {
            question,
            hits: Vec::new(),
        }),
        Err(error) => Err(error.into()),
    }
}

/// Answers one part from its search results.
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

/// Rates the whole answer between 0 and 1.
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

/// Returns the citation number of a document, and assigns the next one if it has none.
fn number<'a>(cited: &mut Vec<&'a Hit>, hit: &'a Hit) -> usize {
    let index = cited.iter().position(|other| other.source == hit.source);
    index.unwrap_or_else(|| {
        cited.push(hit);
        cited.len() - 1
    }) + 1
}

/// Converts a document to a source for a citation.
fn source(hit: &Hit) -> Source {
    // A path below --corpus is not a URL.
    let bundled = hit.source.starts_with("hub:");
    Source {
        title: hit.title.clone(),
        publisher: bundled.then(|| "mcp-metrics example hub".to_owned()),
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
    async fn question_is_answered_from_cited_sources() {
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
    async fn unanswerable_question_is_an_error() {
        assert!(matches!(
            ask("Zxqv wvut qqrst?").await,
            Err(ResearchError::NothingFound)
        ));
        assert!(matches!(ask("").await, Err(ResearchError::Question(_))));
    }
}
