//! The call as something in flight, for the attribute and for streams.

use std::borrow::Cow;
use std::thread;

use metrics::SharedString;

use super::series::CallLabels;
use super::{Labels, LlmCall, LlmCallsite, TokenUsage};
use crate::instrument::in_flight::{self, InFlight};
use crate::instrument::request::OnDrop;

/// What a value shows about a call.
#[derive(Debug)]
pub struct LlmOutcome {
    failure: Option<Cow<'static, str>>,
    usage: Option<TokenUsage>,
}

/// Returns what a value shows about a call.
#[inline]
#[must_use]
pub const fn llm_outcome(
    failure: Option<Cow<'static, str>>,
    usage: Option<TokenUsage>,
) -> LlmOutcome {
    LlmOutcome { failure, usage }
}

/// The dynamic labels of a call that has not started.
#[derive(Debug)]
pub struct LlmLabels(CallLabels);

/// Returns the dynamic labels of a call.
#[inline]
#[must_use]
pub const fn llm_labels(
    operation: SharedString,
    provider: SharedString,
    model: SharedString,
) -> LlmLabels {
    LlmLabels(CallLabels {
        operation,
        names: [provider, model],
    })
}

impl in_flight::Labels for LlmLabels {
    type Started = LlmCall;

    fn start(self, on_drop: OnDrop) -> LlmCall {
        LlmCall::count_and_start(self.0, on_drop)
    }
}

/// The literal labels of a callsite.
#[derive(Debug)]
pub struct LiteralCall(pub &'static LlmCallsite);

impl in_flight::Labels for LiteralCall {
    type Started = LlmCall;

    #[inline]
    fn start(self, on_drop: OnDrop) -> LlmCall {
        self.0.counter.increment();
        LlmCall::new(Labels::Callsite(self.0), on_drop)
    }
}

impl InFlight for LlmCall {
    type Outcome = LlmOutcome;

    const UNRECORDED: Self = Self {
        labels: Labels::None,
        started: None,
    };

    fn read(&mut self, outcome: LlmOutcome) -> Option<Cow<'static, str>> {
        if let Some(usage) = outcome.usage {
            self.tokens(usage);
        }
        outcome.failure
    }

    fn read_item(&mut self, outcome: LlmOutcome) -> Option<Cow<'static, str>> {
        if outcome.failure.is_none() {
            self.first_chunk();
        }
        self.read(outcome)
    }

    fn end(&mut self, failure: Option<Cow<'static, str>>) {
        self.close(failure);
    }

    fn is_unwinding(&self) -> bool {
        let started = self.started.as_ref();
        started.is_some_and(|started| thread::panicking() && !started.panicking)
    }

    fn set_on_drop(&mut self, on_drop: OnDrop) {
        if let Some(started) = &mut self.started {
            started.on_drop = on_drop;
        }
    }
}
