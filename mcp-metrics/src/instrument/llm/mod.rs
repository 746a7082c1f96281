//! LLM calls: counted when they start, measured when they end.

mod callsite;
mod in_flight;
mod series;
#[cfg(feature = "stream")]
mod stream;
mod usage;

use std::borrow::Cow;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::thread;
use std::time::Duration;

use metrics::SharedString;

use crate::classify::Outcome;
use crate::instrument::clock::Instant;
use crate::instrument::counters::{LLM_CALLS, increment};
use crate::instrument::{current_recorder, keyed};
use crate::reentrancy;

pub use callsite::LlmCallsite;
#[cfg(feature = "stream")]
use in_flight::LlmOutcome;
pub use in_flight::{LiteralCall, llm_labels, llm_outcome};
use series::{CallLabels, CallSeries, DynamicSeries, Measured};
#[cfg(feature = "stream")]
pub use stream::LlmStream;
pub use usage::{Reply, TokenUsage, ViaOk, ViaValue};

use super::request::OnDrop;

/// `gen_ai_operation_name` unless the call sets another.
const DEFAULT_OPERATION: &str = "chat";

/// An LLM API call in flight.
///
/// The start counts the call in `mcp_hub_llm_api_calls_total{provider, model}`. The end records its
/// duration in `gen_ai_client_operation_duration_seconds` and, if they are known, the
/// [tokens](Self::tokens) in `gen_ai_client_token_usage` and the time to the
/// [first chunk](Self::first_chunk) in `gen_ai_client_operation_time_to_first_chunk_seconds`. The
/// labels of these histograms are `gen_ai_operation_name`, `gen_ai_provider_name`,
/// `gen_ai_request_model`, for tokens `gen_ai_token_type`, and for a failed call `error_type`; see
/// [`catalog::llm`](crate::catalog::llm).
///
/// End the call with [`finish`](Self::finish), [`success`](Self::success) or
/// [`failure`](Self::failure). A call that is dropped instead counts as failed, with
/// `error_type="panic"` if a panic drops it and `error_type="cancelled"` otherwise. It must end
/// under the recorder under which it started; otherwise only the counter has counted it.
///
/// [`#[tracked_llm]`](macro@crate::tracked_llm) does the same for a function.
///
/// ```
/// use mcp_metrics::{LlmCall, TokenUsage};
///
/// # struct Reply { prompt_tokens: u64, completion_tokens: u64 }
/// # fn complete(_: &str) -> Result<Reply, std::io::Error> {
/// #     Ok(Reply { prompt_tokens: 12, completion_tokens: 3 })
/// # }
/// let mut call = LlmCall::start("openai", "gpt-4");
/// let reply = complete("Hello");
/// if let Ok(reply) = &reply {
///     call.tokens(TokenUsage { input: reply.prompt_tokens, output: reply.completion_tokens });
/// }
/// call.finish(&reply);
/// ```
#[must_use = "a call that is dropped at once counts as cancelled"]
pub struct LlmCall {
    labels: Labels,
    /// `None` if there was no recorder at the start, and after the end.
    started: Option<Started>,
}

enum Labels {
    Callsite(&'static LlmCallsite),
    Dynamic(CallLabels),
    /// Those of a call that is not recorded.
    None,
}

struct Started {
    at: Instant,
    /// The address of the recorder.
    recorder: usize,
    panicking: bool,
    on_drop: OnDrop,
    /// Nanoseconds from the start to the first chunk.
    first_chunk: Option<u64>,
    usage: Option<TokenUsage>,
}

impl LlmCall {
    /// Starts a call to `provider`'s API with `model`, and counts it.
    ///
    /// Use the names of the OpenTelemetry attribute `gen_ai.provider.name` where there is one, such
    /// as `openai`, `anthropic`, `aws.bedrock` or `gcp.vertex_ai`.
    pub fn start(provider: impl Into<SharedString>, model: impl Into<SharedString>) -> Self {
        let labels = CallLabels {
            operation: DEFAULT_OPERATION.into(),
            names: [provider.into(), model.into()],
        };
        Self::count_and_start(labels, OnDrop::DetectPanic)
    }

    fn count_and_start(labels: CallLabels, on_drop: OnDrop) -> Self {
        increment(LLM_CALLS, &labels.names);
        Self::new(Labels::Dynamic(labels), on_drop)
    }

    /// Sets the label `gen_ai_operation_name`, for calls other than `chat`: `embeddings`,
    /// `generate_content` or `text_completion`.
    pub fn operation(mut self, operation: impl Into<SharedString>) -> Self {
        if let Labels::Dynamic(labels) = &mut self.labels {
            labels.operation = operation.into();
        }
        self
    }

    fn new(labels: Labels, on_drop: OnDrop) -> Self {
        let started = keyed::is_enabled().then(|| Started {
            recorder: current_recorder(),
            panicking: thread::panicking(),
            on_drop,
            first_chunk: None,
            usage: None,
            at: Instant::now(),
        });
        Self { labels, started }
    }

    /// Records the time from the start until now as the time to the first chunk of a streamed
    /// reply. Later calls of this method have no effect.
    pub fn first_chunk(&mut self) {
        if let Some(started) = &mut self.started
            && started.first_chunk.is_none()
        {
            started.first_chunk = Some(started.at.elapsed());
        }
    }

    /// Records the tokens of the call. Later numbers replace earlier ones, since some providers
    /// report running totals with each chunk.
    pub fn tokens(&mut self, usage: TokenUsage) {
        if let Some(started) = &mut self.started {
            started.usage = Some(usage);
        }
    }

    /// Ends the call as successful.
    pub fn success(mut self) {
        self.close(None);
    }

    /// Ends the call as failed with this `error_type`: a short class name, never a message.
    pub fn failure(mut self, error_type: impl Into<Cow<'static, str>>) {
        self.close(Some(error_type.into()));
    }

    /// Ends the call with the outcome of a value. A `Result` is a failure if it is an `Err`.
    pub fn finish<T: Outcome + ?Sized>(mut self, value: &T) {
        self.close(value.failure());
    }

    /// Ends the call, as failed if there is an `error_type`. Ending or dropping it again has no
    /// effect.
    fn close(&mut self, failure: Option<Cow<'static, str>>) {
        let Some(started) = self.started.take() else {
            return;
        };
        let duration = started.at.elapsed();
        if reentrancy::is_suppressed() || started.recorder != current_recorder() {
            return;
        }
        let seconds = |nanoseconds| Duration::from_nanos(nanoseconds).as_secs_f64();
        let measured = Measured {
            duration: seconds(duration),
            first_chunk: started.first_chunk.map(seconds),
            usage: started.usage,
        };
        let record = |series: &CallSeries| series.record(&measured, failure);
        match &self.labels {
            Labels::Callsite(callsite) => record(callsite.series()),
            Labels::Dynamic(labels) => record(&DynamicSeries::of(labels)),
            Labels::None => {}
        }
    }
}

impl Drop for LlmCall {
    fn drop(&mut self) {
        if let Some(started) = &self.started {
            let failure = started.on_drop.failure(started.panicking);
            self.close(failure.map(Cow::Borrowed));
        }
    }
}

// A panic does not interrupt an update of the call's state.
impl UnwindSafe for LlmCall {}
impl RefUnwindSafe for LlmCall {}

impl fmt::Debug for LlmCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut call = f.debug_struct("LlmCall");
        if let Labels::Dynamic(labels) = &self.labels {
            let [provider, model] = &labels.names;
            call.field("provider", provider).field("model", model);
        }
        call.finish_non_exhaustive()
    }
}
