//! The metrics of the calls of one model.

use std::collections::BTreeMap;

use mcp_metrics_tests::{Scrape, scrape::Labels};

const DURATION: &str = "gen_ai_client_operation_duration_seconds";
const FIRST_CHUNK: &str = "gen_ai_client_operation_time_to_first_chunk_seconds";
const TOKENS: &str = "gen_ai_client_token_usage";

/// The counts of the calls of one model.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Recorded {
    /// Calls that started.
    started: f64,
    /// Calls that ended, by `error_type`; it is empty for successful calls.
    ended: BTreeMap<String, f64>,
    /// Calls with a first chunk, likewise.
    first_chunks: BTreeMap<String, f64>,
    /// Tokens, by type.
    tokens: BTreeMap<String, f64>,
}

impl Recorded {
    /// Reads the counts of a model's calls, and asserts that durations and times are consistent.
    #[track_caller]
    pub(super) fn read(scrape: &Scrape, model: &str) -> Self {
        let select = |name, suffix| by_error_type(scrape, name, suffix, model);
        let recorded = Self {
            started: scrape.sum(
                "mcp_hub_llm_api_calls_total",
                &[("provider", "openai"), ("model", model)],
            ),
            ended: select(DURATION, "_count"),
            first_chunks: select(FIRST_CHUNK, "_count"),
            tokens: by(scrape, TOKENS, "_sum", model, "gen_ai_token_type"),
        };
        let durations = select(DURATION, "_sum");
        for (error_type, seconds) in &durations {
            assert!(*seconds > 0.0, "{model}, {error_type:?}: {durations:?}");
        }
        for (error_type, seconds) in select(FIRST_CHUNK, "_sum") {
            // Each call has its first chunk before its end.
            assert!(
                seconds > 0.0 && seconds <= durations[&error_type],
                "{model}, {error_type:?}: first chunks after {seconds}, ends after {durations:?}"
            );
        }
        recorded
    }

    /// Returns `started` calls, of which these ended, without first chunks and tokens.
    pub(super) fn of(started: u32, ended: &[(&str, u32)]) -> Self {
        Self {
            started: f64::from(started),
            ended: counts(ended),
            ..Self::default()
        }
    }

    /// Adds calls with a first chunk.
    pub(super) fn with_first_chunks(mut self, first_chunks: &[(&str, u32)]) -> Self {
        self.first_chunks = counts(first_chunks);
        self
    }

    /// Adds tokens. Without output, there is no series for it.
    pub(super) fn with_tokens(mut self, input: u32, output: u32) -> Self {
        self.tokens = counts(&[("input", input), ("output", output)]);
        self.tokens.retain(|_, tokens| *tokens > 0.0);
        self
    }
}

fn counts(counts: &[(&str, u32)]) -> BTreeMap<String, f64> {
    let counts = counts.iter();
    counts
        .map(|(label, count)| ((*label).to_owned(), f64::from(*count)))
        .collect()
}

fn by_error_type(scrape: &Scrape, name: &str, suffix: &str, model: &str) -> BTreeMap<String, f64> {
    by(scrape, name, suffix, model, "error_type")
}

/// Returns the sums of a model's samples, by the values of a label.
fn by(
    scrape: &Scrape,
    name: &str,
    suffix: &str,
    model: &str,
    label: &str,
) -> BTreeMap<String, f64> {
    let model = [
        ("gen_ai_provider_name", "openai"),
        ("gen_ai_request_model", model),
    ];
    let mut sums = BTreeMap::new();
    for (_, labels, value) in scrape.select(&format!("{name}{suffix}"), &model) {
        *sums.entry(value_of(labels, label)).or_default() += value;
    }
    sums
}

fn value_of(labels: &Labels, name: &str) -> String {
    labels.get(name).cloned().unwrap_or_default()
}
