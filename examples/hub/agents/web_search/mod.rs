//! Cached full-text search over the bundled documents and those of `--corpus`.

mod corpus;
mod index;

use std::{path::Path, sync::Arc, time::Duration};

use mcp_metrics::{ErrorType, tracked, tracked_cache, tracked_search};
use moka::sync::Cache;
use rmcp::schemars;
use serde::{Deserialize, Serialize};

use super::text;

use self::{corpus::CorpusError, index::Index};

/// Maximum length of a query, in characters.
const MAX_QUERY: usize = 500;
/// Maximum and default number of hits for a query.
const MAX_HITS: usize = 50;
const DEFAULT_HITS: usize = 5;
/// Capacity and time to live of the cache.
const CACHE_ENTRIES: u64 = 1_000;
const CACHE_LIFETIME: Duration = Duration::from_mins(5);

/// A search request.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct SearchRequest {
    /// Search terms or a question.
    pub(crate) query: String,
    /// Maximum number of hits, 1 to 50 (default 5).
    pub(crate) limit: Option<usize>,
}

/// A document that matches the query.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub(crate) struct Hit {
    /// The document's title.
    pub(crate) title: String,
    /// The location: `hub:` and a name for a bundled document, else a path below `--corpus`.
    pub(crate) source: String,
    /// The passage that best matches the query.
    pub(crate) passage: String,
    /// The BM25 score of the document; comparable only within one reply.
    pub(crate) score: f32,
}

/// The search results.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct SearchReply {
    /// The documents, best first.
    pub(crate) hits: Vec<Hit>,
    /// Whether the results came from the cache.
    pub(crate) cached: bool,
}

/// An error of a search.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum SearchError {
    /// The query contains only white space.
    #[error("the query is empty")]
    EmptyQuery,
    /// The query is too long.
    #[error("the query has {0} characters; at most {MAX_QUERY} are allowed")]
    QueryTooLong(usize),
    /// The query contains only stop words such as "the" and "of".
    #[error("the query contains no word to search for")]
    NothingToSearchFor,
    /// The limit is out of range.
    #[error("`limit` must be between 1 and {MAX_HITS} (got {0})")]
    LimitOutOfRange(usize),
    /// The search task panicked.
    #[error("the search task failed")]
    Crashed(#[source] tokio::task::JoinError),
}

/// The stems of the query, in order, and the limit. "counting metrics" and "Counted metric?" share
/// a cache entry.
type CacheKey = (String, usize);

/// The agent.
#[derive(Debug)]
pub(crate) struct WebSearch {
    /// The indexed documents.
    index: Arc<Index>,
    /// Recent results.
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

    /// Returns the number of documents that are searched.
    pub(crate) fn documents(&self) -> usize {
        self.index.len()
    }

    /// Returns the documents that best match a query.
    #[tracked("web_search", "search")]
    pub(crate) async fn search(&self, request: &SearchRequest) -> Result<SearchReply, SearchError> {
        let limit = request.limit.unwrap_or(DEFAULT_HITS);
        if !(1..=MAX_HITS).contains(&limit) {
            return Err(SearchError::LimitOutOfRange(limit));
        }
        let stems = query_stems(&request.query)?;
        let key = (stems.join(" "), limit);

        if let Some(hits) = self.cached(&key) {
            return Ok(SearchReply {
                hits: hits.to_vec(),
                cached: true,
            });
        }
        let hits = self.search_index(stems, limit).await?;
        self.cache.insert(key, Arc::from(&*hits));
        Ok(SearchReply {
            hits,
            cached: false,
        })
    }

    /// Returns the cached results of a query.
    #[tracked_cache("search")]
    fn cached(&self, key: &CacheKey) -> Option<Arc<[Hit]>> {
        self.cache.get(key)
    }

    /// Searches the index on a blocking thread: searching a large corpus takes milliseconds, which
    /// would block an async worker thread.
    #[tracked_search]
    async fn search_index(
        &self,
        stems: Vec<String>,
        limit: usize,
    ) -> Result<Vec<Hit>, SearchError> {
        let index = Arc::clone(&self.index);
        tokio::task::spawn_blocking(move || index.search(&stems, limit))
            .await
            .map_err(SearchError::Crashed)
    }
}

/// Validates a query and returns its stems.
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
    async fn query_about_a_topic_finds_its_document() {
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
    async fn repeated_query_is_served_from_the_cache() {
        let agent = WebSearch::new(None).expect("bundled documents");
        let first = search(&agent, "counting requests").await.expect("hits");
        let again = search(&agent, "Counted request?").await.expect("hits");
        assert!(!first.cached && again.cached);
        assert_eq!(first.hits, again.hits);
    }

    #[tokio::test]
    async fn query_without_search_terms_is_an_error() {
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
