//! The families of LLM calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::add;
use super::buckets::DurationSummary;
use crate::catalog::llm;
use crate::snapshot::{HistogramSnapshot, Labels};

/// LLM API calls of one provider and model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LlmSummary {
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The calls, counted when they started.
    pub calls: u64,
    /// The failed calls that were measured, by `error_type`.
    #[serde(default)]
    pub failed: BTreeMap<String, u64>,
    /// Tokens of all prompts.
    #[serde(default)]
    pub input_tokens: u64,
    /// Tokens of all replies.
    #[serde(default)]
    pub output_tokens: u64,
    /// The durations of the calls that were measured: those of
    /// [`LlmCall`](crate::LlmCall) and [`#[tracked_llm]`](macro@crate::tracked_llm) that ended.
    #[serde(default)]
    pub duration: DurationSummary,
    /// The times to the first chunk of streamed calls.
    #[serde(default)]
    pub first_chunk: DurationSummary,
}

/// The LLM calls that were read so far, by provider and model. The series of a family may be sorted
/// by other labels first.
#[derive(Debug, Default)]
pub(super) struct LlmCalls(BTreeMap<String, BTreeMap<String, LlmSummary>>);

impl LlmCalls {
    /// Returns the entries, sorted by provider and model.
    pub(super) fn sorted(self) -> Vec<LlmSummary> {
        let models = self.0.into_values();
        models.flat_map(BTreeMap::into_values).collect()
    }

    fn get(&mut self, provider: &str, model: &str) -> &mut LlmSummary {
        let models = entry(&mut self.0, provider);
        let summary = entry(models, model);
        if summary.model.is_empty() {
            provider.clone_into(&mut summary.provider);
            model.clone_into(&mut summary.model);
        }
        summary
    }

    /// Returns the entry of a series of [`llm::FAMILIES`].
    fn of(&mut self, labels: &Labels<'_>) -> &mut LlmSummary {
        let provider = labels.get("gen_ai_provider_name");
        self.get(provider, labels.get("gen_ai_request_model"))
    }

    /// Adds a series of [`catalog::LLM_CALLS`].
    pub(super) fn counter(&mut self, labels: &Labels<'_>, value: u64) {
        self.get(labels.get("provider"), labels.get("model")).calls += value;
    }

    /// Adds a series of a histogram. Returns whether its family is one of LLM calls.
    pub(super) fn histogram(
        &mut self,
        family: &str,
        labels: &Labels<'_>,
        value: &HistogramSnapshot<'_>,
    ) -> bool {
        match family {
            llm::OPERATION_DURATION => {
                let entry = self.of(labels);
                let count = entry.duration.add(value);
                let error_type = labels.get("error_type");
                if !error_type.is_empty() {
                    add(&mut entry.failed, error_type, count);
                }
            }
            llm::TIME_TO_FIRST_CHUNK => {
                self.of(labels).first_chunk.add(value);
            }
            llm::TOKEN_USAGE => {
                let entry = self.of(labels);
                match labels.get("gen_ai_token_type") {
                    "input" => entry.input_tokens += whole(value.sum),
                    "output" => entry.output_tokens += whole(value.sum),
                    _ => {}
                }
            }
            _ => return false,
        }
        true
    }
}

/// Returns the entry with this key, which is added if there is none.
fn entry<'a, T: Default>(map: &'a mut BTreeMap<String, T>, key: &str) -> &'a mut T {
    map.entry(key.to_owned()).or_default()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of tokens; the cast saturates"
)]
fn whole(tokens: f64) -> u64 {
    tokens as u64
}
