//! Full-text search over the bundled documents and a folder of the user's, behind a cache.

mod corpus;
mod index;

use std::{path::Path, sync::Arc, time::Duration};

use mcp_metrics::{ErrorType, track_cache_access, track_search_call, tracked};
use moka::sync::Cache;
use rmcp::schemars;
use serde::{Deserialize, Serialize};

use super::text;

use self::{corpus::CorpusError, index::Index};

/// Longest query that is taken, in characters.
const MAX_QUERY: usize = 500;
/// Most hits for one query, and how many if the caller doesn't say.
const MAX_HITS: usize = 50;
const DEFAULT_HITS: usize = 5;
/// How many answers are remembered, and for how long.
const CACHE_ENTRIES: u64 = 1_000;
const CACHE_LIFETIME: Duration = Duration::from_mins(5);

/// What to search for.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct SearchRequest {
    /// Words or a question.
    pub(crate) query: String,
    /// Most hits wanted, 1 to 50 (default 5).
    pub(crate) limit: Option<usize>,
}

/// One document found.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub(crate) struct Hit {
    /// The document's title.
    pub(crate) title: String,
    /// Where it is: `hub:` and a name for a bundled one, else a path below `--corpus`.
    pub(crate) source: String,
    /// The passage that fits the query best.
    pub(crate) passage: String,
    /// How well the document fits (BM25); comparable within one answer only.
    pub(crate) score: f32,
}

/// What was found.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct SearchReply {
    /// The documents, best first.
    pub(crate) hits: Vec<Hit>,
    /// Whether the answer came from the cache.
    pub(crate) cached: bool,
}

/// Why a search failed.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum SearchError {
    /// Nothing but white space.
    #[error("the query is empty")]
    EmptyQuery,
    /// Longer than a query is.
    #[error("the query has {0} characters, at most {MAX_QUERY} are taken")]
    QueryTooLong(usize),
    /// Only words such as "the" and "of", which every document holds.
    #[error("the query holds no word to search for")]
    NothingToSearchFor,
    /// A limit of 0, or one too high.
    #[error("limit is {0}, not between 1 and {MAX_HITS}")]
    LimitOutOfRange(usize),
    /// The search itself broke.
    #[error("the search did not finish")]
    Crashed(#[source] tokio::task::JoinError),
}

/// What tells one cached answer from another: the words' stems, in order, and the limit. So "counting
/// metrics" and "Counted metric?" share an answer.
type CacheKey = (String, usize);

/// The agent.
#[derive(Debug)]
pub(crate) struct WebSearch {
    /// The documents.
    index: Arc<Index>,
    /// The answers given lately.
    cache: Cache<CacheKey, Arc<[Hit]>>,
}

impl WebSearch {
    /// Indexes the bundled documents and those below `folder`.
    pub(crate) fn new(folder: Option<&Path>) -> Result<Self, CorpusError> {
        let documents = corpus::load(folder)?;
        let cache = Cache::builder()
            .max_capacity(CACHE_ENTRIES)
            .time_to_live(CACHE_LIFETIME)
            .build();
        Ok(Self {
            index: Arc::new(Index::new(documents)),
            cache,
        })
    }

    /// How many documents are searched.
    pub(crate) fn documents(&self) -> usize {
        self.index.len()
    }

    /// Finds the documents that fit a query best.
    #[tracked("web_search", "search")]
    pub(crate) async fn search(&self, request: &SearchRequest) -> Result<SearchReply, SearchError> {
        let limit = request.limit.unwrap_or(DEFAULT_HITS);
        if !(1..=MAX_HITS).contains(&limit) {
            return Err(SearchError::LimitOutOfRange(limit));
        }
        let stems = query_stems(&request.query)?;
        let key = (stems.join(" "), limit);

        let found = self.cache.get(&key);
        track_cache_access("search", found.is_some());
        if let Some(hits) = found {
            return Ok(SearchReply {
                hits: hits.to_vec(),
                cached: true,
            });
        }

        track_search_call();
        let index = Arc::clone(&self.index);
        // A large corpus takes milliseconds to search: too long for an async thread.
        let hits: Arc<[Hit]> = tokio::task::spawn_blocking(move || index.search(&stems, limit))
            .await
            .map_err(SearchError::Crashed)?
            .into();
        self.cache.insert(key, Arc::clone(&hits));
        Ok(SearchReply {
            hits: hits.to_vec(),
            cached: false,
        })
    }
}

/// Checks a query and reduces it to what is looked up.
fn query_stems(query: &str) -> Result<Vec<String>, SearchError> {
    if query.trim().is_empty() {
        return Err(SearchError::EmptyQuery);
    }
    let length = query.chars().count();
    if length > MAX_QUERY {
        return Err(SearchError::QueryTooLong(length));
    }
    let stems = text::stems(query);
    if stems.is_empty() {
        Err(SearchError::NothingToSearchFor)
    } else {
        Ok(stems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn search(agent: &WebSearch, query: &str) -> Result<SearchReply, SearchError> {
        agent
            .search(&SearchRequest {
                query: query.to_owned(),
                limit: None,
            })
            .await
    }

    #[tokio::test]
    async fn bundled_documents_answer_questions_about_their_topics() {
        let agent = WebSearch::new(None).expect("bundled documents");
        for (query, source) in [
            ("What is a histogram bucket?", "hub:histograms"),
            ("cancelling a tool call", "hub:mcp-cancellation"),
            ("retry with exponential backoff", "hub:retries"),
        ] {
            let reply = search(&agent, query).await.expect("hits");
            assert_eq!(reply.hits[0].source, source, "{query}: {:#?}", reply.hits);
        }
    }

    #[tokio::test]
    async fn a_repeated_query_comes_from_the_cache() {
        let agent = WebSearch::new(None).expect("bundled documents");
        let first = search(&agent, "counting requests").await.expect("hits");
        let again = search(&agent, "Counted request?").await.expect("hits");
        assert!(!first.cached && again.cached);
        assert_eq!(first.hits, again.hits);
    }

    #[tokio::test]
    async fn senseless_queries_are_refused_by_kind() {
        let agent = WebSearch::new(None).expect("bundled documents");
        assert!(matches!(
            search(&agent, "  ").await,
            Err(SearchError::EmptyQuery)
        ));
        assert!(matches!(
            search(&agent, "of the").await,
            Err(SearchError::NothingToSearchFor)
        ));
    }
}
