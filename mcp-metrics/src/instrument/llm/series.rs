//! The histograms of LLM calls with the same labels.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{PoisonError, RwLock};

use metrics::{Histogram, Key, SharedString};

use super::TokenUsage;
use crate::catalog::llm::{OPERATION_DURATION, TIME_TO_FIRST_CHUNK, TOKEN_USAGE};
use crate::instrument::keyed::{Kept, key, observe};

/// The number of label sets whose keys are kept. The keys of further ones are created for each call.
const MAX_KEPT: usize = 1_000;

/// The labels of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CallLabels {
    pub(super) operation: SharedString,
    /// Provider and model: the labels of the counter.
    pub(super) names: [SharedString; 2],
}

/// A value of the label `gen_ai_token_type`.
#[derive(Clone, Copy, Debug)]
enum TokenType {
    Input,
    Output,
}

/// What a call recorded.
#[derive(Debug)]
pub(super) struct Measured {
    /// Seconds from the start to the end.
    pub(super) duration: f64,
    /// Seconds from the start to the first chunk.
    pub(super) first_chunk: Option<f64>,
    pub(super) usage: Option<TokenUsage>,
}

/// The histograms of calls with the same labels.
#[derive(Debug)]
pub(super) struct CallSeries {
    labels: CallLabels,
    /// Whether the labels are literals, whose handles are kept. A kept handle of dynamic labels
    /// would keep its series from being evicted, and count an overflow of the cardinality limit only
    /// once.
    literal: bool,
    duration: Kept<Histogram>,
    first_chunk: Kept<Histogram>,
    input: Kept<Histogram>,
    output: Kept<Histogram>,
}

impl CallSeries {
    pub(super) fn new(labels: CallLabels, literal: bool) -> Self {
        let kept = |family, token_type| Kept::new(labels.key(family, token_type, None));
        Self {
            literal,
            duration: kept(OPERATION_DURATION, None),
            first_chunk: kept(TIME_TO_FIRST_CHUNK, None),
            input: kept(TOKEN_USAGE, Some(TokenType::Input)),
            output: kept(TOKEN_USAGE, Some(TokenType::Output)),
            labels,
        }
    }

    /// Records a call, as failed if there is an `error_type`.
    pub(super) fn record(&self, measured: &Measured, error_type: Option<Cow<'static, str>>) {
        match error_type {
            None => self.record_success(measured),
            Some(error_type) => self.record_failure(measured, error_type),
        }
    }

    fn record_success(&self, measured: &Measured) {
        let observe = |histogram: &Kept<Histogram>, value| {
            if self.literal {
                histogram.observe(value);
            } else {
                observe(histogram.key(), value);
            }
        };
        observe(&self.duration, measured.duration);
        if let Some(seconds) = measured.first_chunk {
            observe(&self.first_chunk, seconds);
        }
        for (token_type, tokens) in measured.tokens() {
            match token_type {
                TokenType::Input => observe(&self.input, tokens),
                TokenType::Output => observe(&self.output, tokens),
            }
        }
    }

    fn record_failure(&self, measured: &Measured, error_type: Cow<'static, str>) {
        let error_type = SharedString::from(error_type);
        let observe = |family, token_type, value| {
            let error_type = Some(error_type.clone());
            observe(&self.labels.key(family, token_type, error_type), value);
        };
        observe(OPERATION_DURATION, None, measured.duration);
        if let Some(seconds) = measured.first_chunk {
            observe(TIME_TO_FIRST_CHUNK, None, seconds);
        }
        for (token_type, tokens) in measured.tokens() {
            observe(TOKEN_USAGE, Some(token_type), tokens);
        }
    }
}

impl CallLabels {
    /// Returns the key of a series with these labels.
    fn key(
        &self,
        family: &'static str,
        token_type: Option<TokenType>,
        error_type: Option<SharedString>,
    ) -> Key {
        let [provider, model] = &self.names;
        let token_type = token_type.map(|token_type| match token_type {
            TokenType::Input => SharedString::const_str("input"),
            TokenType::Output => SharedString::const_str("output"),
        });
        key(
            family,
            [
                ("gen_ai_operation_name", Some(self.operation.clone())),
                ("gen_ai_provider_name", Some(provider.clone())),
                ("gen_ai_request_model", Some(model.clone())),
                ("gen_ai_token_type", token_type),
                ("error_type", error_type),
            ],
        )
    }
}

impl Measured {
    /// Returns the numbers of tokens. A zero is left out: some calls have no output, and some
    /// providers do not report both numbers.
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact up to 2^53 tokens, and a histogram's sum is a float"
    )]
    fn tokens(&self) -> impl Iterator<Item = (TokenType, f64)> {
        let usage = self.usage.unwrap_or_default();
        let tokens = [
            (TokenType::Input, usage.input),
            (TokenType::Output, usage.output),
        ];
        let tokens = tokens.into_iter().filter(|(_, tokens)| *tokens > 0);
        tokens.map(|(token_type, tokens)| (token_type, tokens as f64))
    }
}

/// The series of dynamic labels.
#[derive(Debug)]
pub(super) enum DynamicSeries {
    Kept(&'static CallSeries),
    Owned(Box<CallSeries>),
}

impl DynamicSeries {
    /// Returns the series with these labels.
    pub(super) fn of(labels: &CallLabels) -> Self {
        static KEPT: RwLock<Option<HashMap<CallLabels, &'static CallSeries>>> = RwLock::new(None);

        let kept = KEPT.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = kept.as_ref().and_then(|kept| kept.get(labels)) {
            return Self::Kept(series);
        }
        drop(kept);
        let series = Box::new(CallSeries::new(labels.clone(), false));
        let mut kept = KEPT.write().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get_or_insert_default();
        if kept.len() >= MAX_KEPT {
            return Self::Owned(series);
        }
        let entry = kept.entry(labels.clone());
        Self::Kept(entry.or_insert_with(|| Box::leak(series)))
    }
}

impl Deref for DynamicSeries {
    type Target = CallSeries;

    fn deref(&self) -> &CallSeries {
        match self {
            Self::Kept(series) => series,
            Self::Owned(series) => series,
        }
    }
}
