//! A library whose functions are annotated, with unit tests of the metrics that they record.
//!
//! Libraries only annotate: the program that uses this one installs a recorder, or none. Cargo.toml
//! depends on `mcp-metrics` without the exporter, and on its feature `testing` for the tests.
//! `tests/recorders.rs` uses the library as a program does.
//!
//! ```text
//! cargo test -p translator
//! ```
//!
//! # Metrics
//!
//! The labels are a part of the public API, because dashboards of programs depend on them. The names
//! begin with `mcp_hub_` or the prefix of the program's exporter, apart from `gen_ai_…`.
//!
//! | families | labels |
//! |---|---|
//! | `requests_…`, `request_duration_seconds`, `active_operations` | `agent="translator"`, `operation="translate"` or `"count"`, `error_type` `EmptyText`, `Busy` or `UnknownWord` |
//! | `llm_api_calls_total` | `provider="local"`, `model="dictionary"` |
//! | `gen_ai_client_operation_duration_seconds` | `gen_ai_provider_name="local"`, `gen_ai_request_model="dictionary"`, `error_type` `Busy` or `UnknownWord` |
//! | `cache_hits_total`, `cache_misses_total` | `cache_type="words"` |
//! | `retries_total`, `retries_exhausted_total` | `service="model"` |

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use mcp_metrics::{ErrorType, tracked, tracked_cache, tracked_llm, tracked_retry};

/// A language model that translates words.
pub trait Model: Sync {
    /// Translates a word.
    fn translate(&self, word: &str) -> impl Future<Output = Result<String, ModelError>> + Send;
}

/// An error of the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, ErrorType)]
pub enum ModelError {
    /// The model is rate limited.
    #[error("the model is busy")]
    Busy,
    /// The model does not know the word.
    #[error("unknown word")]
    UnknownWord,
}

impl ModelError {
    /// Returns whether a retry may succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

/// An error of the translator.
#[derive(Debug, PartialEq, Eq, thiserror::Error, ErrorType)]
pub enum TranslateError {
    /// The text contains no words.
    #[error("the text contains no words")]
    EmptyText,
    /// The model failed.
    #[error(transparent)]
    #[error_type(transparent)]
    Model(#[from] ModelError),
}

/// Translates texts word by word, and caches the words.
#[derive(Debug, Default)]
pub struct Translator<M> {
    model: M,
    words: Mutex<HashMap<String, String>>,
}

impl<M: Model> Translator<M> {
    /// Creates a translator that uses this model.
    pub fn new(model: M) -> Self {
        let words = Mutex::default();
        Self { model, words }
    }

    /// Translates a text.
    ///
    /// # Errors
    ///
    /// If the text contains no words, or the model fails.
    #[tracked("translator", "translate")]
    pub async fn translate(&self, text: &str) -> Result<String, TranslateError> {
        let mut translated = Vec::new();
        for word in text.split_whitespace() {
            let translation = match self.look_up(word) {
                Some(translation) => translation,
                None => self.ask_model(word).await?,
            };
            translated.push(translation);
        }
        if translated.is_empty() {
            return Err(TranslateError::EmptyText);
        }
        Ok(translated.join(" "))
    }

    /// Returns the cached translation of a word.
    #[tracked_cache("words")]
    fn look_up(&self, word: &str) -> Option<String> {
        self.words().get(word).cloned()
    }

    /// Asks the model for a translation and caches it.
    #[tracked_llm(provider = "local", model = "dictionary")]
    #[tracked_retry("model", attempts = 3, retry_if = ModelError::is_transient)]
    async fn ask_model(&self, word: &str) -> Result<String, ModelError> {
        let translation = self.model.translate(word).await?;
        self.words().insert(word.to_owned(), translation.clone());
        Ok(translation)
    }

    /// Locks the cache. Poisoning is ignored, because a panic cannot leave it inconsistent.
    fn words(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the number of words in a text, at most `limit`.
///
/// # Errors
///
/// If the text contains no words.
#[tracked("translator", "count")]
pub fn count_words(text: &str, limit: usize) -> Result<usize, TranslateError> {
    match text.split_whitespace().take(limit).count() {
        0 => Err(TranslateError::EmptyText),
        count => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use mcp_metrics::{catalog, testing, testing::Recording};

    use super::*;

    /// A model that is busy for the first `busy` calls, and never answers for the word "slow".
    #[derive(Default)]
    struct Stub {
        busy: Mutex<u32>,
    }

    impl Model for Stub {
        async fn translate(&self, word: &str) -> Result<String, ModelError> {
            if word == "slow" {
                pending::<()>().await;
            }
            let mut busy = self.busy.lock().expect("no panic");
            if *busy > 0 {
                *busy -= 1;
                return Err(ModelError::Busy);
            }
            match word {
                "hello" => Ok("hallo".to_owned()),
                _ => Err(ModelError::UnknownWord),
            }
        }
    }

    fn translator(busy: u32) -> Translator<Stub> {
        let busy = Mutex::new(busy);
        Translator::new(Stub { busy })
    }

    /// Returns the number of LLM calls.
    fn llm_calls(metrics: &Recording) -> u64 {
        let model = [("provider", "local"), ("model", "dictionary")];
        metrics.counter(catalog::LLM_CALLS, &model)
    }

    #[test]
    fn counting_records_successes_and_failures() {
        let (count, metrics) = testing::record(|| count_words("to be or not", 3));
        assert_eq!(count, Ok(3));
        metrics.requests("translator", "count").assert(1, &[]);

        let (count, metrics) = testing::record(|| count_words(" ", 3));
        assert_eq!(count, Err(TranslateError::EmptyText));
        let requests = metrics.requests("translator", "count");
        requests.assert(0, &[("EmptyText", 1)]);

        // One outcome at a time, if a test is about only one of them.
        let texts = ["to be", "", "or not"];
        let ((), metrics) = testing::record(|| {
            for text in texts {
                let _ = count_words(text, 3);
            }
        });
        let requests = metrics.requests("translator", "count");
        requests.assert_success(2).assert_failed("EmptyText", 1);
    }

    #[tokio::test]
    async fn repeated_word_is_a_cache_hit_without_an_llm_call() {
        let translator = translator(0);
        let (text, metrics) = testing::record_async(translator.translate("hello hello")).await;
        assert_eq!(text.as_deref(), Ok("hallo hallo"));
        metrics.requests("translator", "translate").assert(1, &[]);
        assert_eq!(llm_calls(&metrics), 1, "{metrics}");
        let words = [("cache_type", "words")];
        assert_eq!(metrics.counter(catalog::CACHE_MISSES, &words), 1);
        assert_eq!(metrics.counter(catalog::CACHE_HITS, &words), 1);
    }

    #[tokio::test]
    async fn error_of_the_model_has_its_own_label_and_is_not_retried() {
        let translator = translator(0);
        let (text, metrics) = testing::record_async(translator.translate("hello wrld")).await;
        assert_eq!(text, Err(ModelError::UnknownWord.into()));
        let requests = metrics.requests("translator", "translate");
        requests.assert(0, &[("UnknownWord", 1)]);
        assert_eq!(llm_calls(&metrics), 2, "{metrics}");
        assert_eq!(metrics.counter(catalog::RETRIES_EXHAUSTED, &[]), 0);
    }

    // The clock is paused, so that the delays between attempts take no time.
    #[tokio::test(start_paused = true)]
    async fn busy_model_is_retried_until_the_attempts_are_exhausted() {
        let failed_attempts = |metrics: &Recording| {
            ["1", "2", "3"].map(|attempt| {
                let labels = [("service", "model"), ("attempt", attempt)];
                metrics.counter(catalog::RETRIES, &labels)
            })
        };
        let busy_once = translator(1);
        let (text, metrics) = testing::record_async(busy_once.translate("hello")).await;
        assert!(text.is_ok());
        assert_eq!(failed_attempts(&metrics), [1, 0, 0], "{metrics}");
        assert_eq!(metrics.counter(catalog::RETRIES_EXHAUSTED, &[]), 0);

        let always_busy = translator(u32::MAX);
        let (text, metrics) = testing::record_async(always_busy.translate("hello")).await;
        assert_eq!(text, Err(ModelError::Busy.into()));
        assert_eq!(failed_attempts(&metrics), [1, 1, 1], "{metrics}");
        assert_eq!(metrics.counter(catalog::RETRIES_EXHAUSTED, &[]), 1);
        assert_eq!(llm_calls(&metrics), 3);
    }

    // A recording that is created first can be queried while the request is in flight and after its
    // future is dropped.
    #[tokio::test(start_paused = true)]
    async fn timeout_counts_as_cancelled() {
        let (metrics, translator) = (Recording::new(), translator(0));
        let mut request = Box::pin(metrics.run_async(translator.translate("slow")));
        let timeout = tokio::time::timeout(Duration::from_secs(1), &mut request);
        assert!(timeout.await.is_err());
        assert_eq!(metrics.requests("translator", "translate").active, 1);

        drop(request);
        let requests = metrics.requests("translator", "translate");
        requests.assert(0, &[("cancelled", 1)]);
    }
}
