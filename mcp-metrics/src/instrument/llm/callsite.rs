//! Callsites of LLM calls whose labels are literals.

use std::sync::OnceLock;

use super::series::{CallLabels, CallSeries};
use crate::instrument::CounterCallsite;

/// A place in the source that makes LLM calls with literal labels.
#[derive(Debug)]
pub struct LlmCallsite {
    /// The counter of the calls.
    pub(super) counter: &'static CounterCallsite,
    operation: &'static str,
    provider: &'static str,
    model: &'static str,
    series: OnceLock<CallSeries>,
}

impl LlmCallsite {
    /// Creates a callsite, whose calls `counter` counts.
    #[must_use]
    pub const fn new(
        counter: &'static CounterCallsite,
        operation: &'static str,
        provider: &'static str,
        model: &'static str,
    ) -> Self {
        Self {
            counter,
            operation,
            provider,
            model,
            series: OnceLock::new(),
        }
    }

    pub(super) fn series(&self) -> &CallSeries {
        self.series.get_or_init(|| {
            let labels = CallLabels {
                operation: self.operation.into(),
                names: [self.provider.into(), self.model.into()],
            };
            CallSeries::new(labels, true)
        })
    }
}
