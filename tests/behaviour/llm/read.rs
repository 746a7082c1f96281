//! The recorded calls of one provider and model.

use std::collections::BTreeMap;

use mcp_metrics::catalog::{self, llm};
use mcp_metrics_tests::Scrape;

/// The metrics of the calls of one provider and model.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Calls {
    /// The calls that started.
    pub(crate) started: f64,
    /// The calls whose duration was observed, by `error_type`; successful ones under an empty text.
    pub(crate) ended: BTreeMap<String, f64>,
    /// The calls with a first chunk, likewise.
    pub(crate) first_chunks: BTreeMap<String, f64>,
    /// The sums of tokens, by `gen_ai_token_type`.
    pub(crate) tokens: BTreeMap<String, f64>,
}

impl Calls {
    /// Reads the metrics of one provider and model.
    pub(crate) fn read(scrape: &Scrape, provider: &str, model: &str) -> Self {
        let labels = [
            ("gen_ai_provider_name", provider),
            ("gen_ai_request_model", model),
        ];
        let by = |family: &str, suffix: &str, label: &str| {
            let mut values = BTreeMap::new();
            for (_, labels, value) in scrape.select(&format!("{family}{suffix}"), &labels) {
                *values.entry(value_of(labels, label)).or_default() += value;
            }
            values
        };
        Self {
            started: scrape
                .get(
                    catalog::LLM_CALLS,
                    &[("provider", provider), ("model", model)],
                )
                .unwrap_or_default(),
            ended: by(llm::OPERATION_DURATION, "_count", "error_type"),
            first_chunks: by(llm::TIME_TO_FIRST_CHUNK, "_count", "error_type"),
            tokens: by(llm::TOKEN_USAGE, "_sum", "gen_ai_token_type"),
        }
    }

    /// Returns calls that started and of which these ended, without chunks and tokens.
    pub(crate) fn of(started: f64, ended: &[(&str, f64)]) -> Self {
        Self {
            started,
            ended: counts(ended),
            ..Self::default()
        }
    }

    /// Adds calls with a first chunk.
    pub(crate) fn with_first_chunks(mut self, first_chunks: &[(&str, f64)]) -> Self {
        self.first_chunks = counts(first_chunks);
        self
    }

    /// Adds sums of tokens.
    pub(crate) fn with_tokens(mut self, input: f64, output: f64) -> Self {
        self.tokens = counts(&[("input", input), ("output", output)]);
        self
    }
}

fn counts(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
    let pairs = pairs.iter();
    pairs
        .map(|(label, count)| ((*label).to_owned(), *count))
        .collect()
}

fn value_of(labels: &BTreeMap<String, String>, label: &str) -> String {
    labels.get(label).cloned().unwrap_or_default()
}
