//! Answers prompts with a language model: an OpenAI-compatible API if one is configured, otherwise
//! an extractive summariser in this process. Answers are cached and failed calls are retried.

mod error;
mod faults;
mod local;
mod remote;

use std::time::Duration;

use mcp_metrics::{TokenUsage, tracked, tracked_cache, tracked_llm, tracked_retry};
use moka::sync::Cache;
use rmcp::schemars;
use serde::{Deserialize, Serialize};

use crate::{Failure, cli::Cli};

use self::remote::Remote;
pub(crate) use self::{error::LlmError, faults::Faults};

/// Maximum total length of prompt and context, in characters.
const MAX_INPUT: usize = 50_000;
/// Capacity and time to live of the cache.
const CACHE_ENTRIES: u64 = 1_000;
const CACHE_LIFETIME: Duration = Duration::from_mins(10);

/// A request to a language model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, schemars::JsonSchema)]
pub(crate) struct LlmRequest {
    /// The question or task.
    pub(crate) prompt: String,
    /// The text to base the answer on.
    #[serde(default)]
    pub(crate) context: String,
}

/// The reply of a language model.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub(crate) struct LlmReply {
    /// The answer.
    pub(crate) text: String,
    /// The provider that generated it.
    pub(crate) provider: String,
    /// The model that generated it.
    pub(crate) model: String,
    /// Whether the answer came from the cache.
    pub(crate) cached: bool,
}

/// The answer of one call, and its tokens if they are known.
#[derive(Debug)]
struct Completion {
    text: String,
    usage: Option<TokenUsage>,
}

/// A language model.
#[derive(Debug)]
enum Backend {
    /// The summariser in this process, with simulated faults.
    Local(Faults),
    /// An API over HTTP.
    Remote(Remote),
}

/// The agent.
#[derive(Debug)]
pub(crate) struct LlmProcessor {
    /// The language model.
    backend: Backend,
    /// The value of the `provider` label.
    provider: String,
    /// The value of the `model` label.
    model: String,
    /// Recent answers.
    cache: Cache<LlmRequest, String>,
}

impl LlmProcessor {
    /// Creates the agent, configured by the command line and the environment.
    pub(crate) fn new(cli: &Cli) -> Result<Self, Failure> {
        let (backend, provider, model) = if let Some(url) = &cli.llm_base_url {
            let remote = Remote::new(url, cli.llm_api_key.as_deref(), &cli.llm_model)?;
            (
                Backend::Remote(remote),
                cli.llm_provider.clone(),
                cli.llm_model.clone(),
            )
        } else {
            let faults = Faults::new(cli.fault_rate());
            (
                Backend::Local(faults),
                "local".to_owned(),
                local::MODEL.to_owned(),
            )
        };
        let cache = Cache::builder()
            .max_capacity(CACHE_ENTRIES)
            .time_to_live(CACHE_LIFETIME)
            .build();
        Ok(Self {
            backend,
            provider,
            model,
            cache,
        })
    }

    /// Describes the language model for the log.
    pub(crate) fn describe(&self) -> String {
        match &self.backend {
            Backend::Local(faults) if faults.rate() > 0.0 => format!(
                "language model \"{}\" in this process, failing {:.0}% of its calls on purpose",
                self.model,
                faults.rate() * 100.0,
            ),
            Backend::Local(_) => format!("language model \"{}\" in this process", self.model),
            Backend::Remote(remote) => {
                format!("language model \"{}\" at {}", self.model, remote.endpoint())
            }
        }
    }

    /// Returns the simulated faults if the local model is used.
    pub(crate) fn faults(&self) -> Option<&Faults> {
        match &self.backend {
            Backend::Local(faults) => Some(faults),
            Backend::Remote(_) => None,
        }
    }

    /// Answers a prompt.
    #[tracked("llm_processor", "process")]
    pub(crate) async fn process(&self, request: LlmRequest) -> Result<LlmReply, LlmError> {
        if request.prompt.trim().is_empty() {
            return Err(LlmError::EmptyPrompt);
        }
        let length = request.prompt.chars().count() + request.context.chars().count();
        if length > MAX_INPUT {
            return Err(LlmError::PromptTooLong {
                length,
                limit: MAX_INPUT,
            });
        }

        if let Some(text) = self.cached(&request) {
            return Ok(self.reply(text, true));
        }
        let Completion { text, .. } = self.call(&request).await?;
        self.cache.insert(request, text.clone());
        Ok(self.reply(text, false))
    }

    /// Returns the cached answer to a request.
    #[tracked_cache("llm")]
    fn cached(&self, request: &LlmRequest) -> Option<String> {
        self.cache.get(request)
    }

    /// Returns a reply with this text.
    fn reply(&self, text: String, cached: bool) -> LlmReply {
        LlmReply {
            text,
            provider: self.provider.clone(),
            model: self.model.clone(),
            cached,
        }
    }

    /// Calls the model. `#[tracked_retry]` repeats calls that fail with a transient error; each
    /// attempt is measured as an LLM call, because each attempt is billed.
    #[tracked_retry(
        "llm_api",
        attempts = 3,
        delay = "200ms",
        factor = 2.0,
        max_delay = "2s",
        jitter,
        retry_if = LlmError::is_transient
    )]
    #[tracked_llm(
        self.provider.clone(),
        self.model.clone(),
        usage = |completion| completion.usage
    )]
    async fn call(&self, request: &LlmRequest) -> Result<Completion, LlmError> {
        match &self.backend {
            Backend::Local(faults) => {
                faults.inject()?;
                Ok(local::complete(request))
            }
            Backend::Remote(remote) => remote.complete(request).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(fault_rate: &str) -> LlmProcessor {
        let cli = Cli::offline(&["hub", "--llm-fault-rate", fault_rate]);
        LlmProcessor::new(&cli).expect("the local model")
    }

    fn request(prompt: &str) -> LlmRequest {
        LlmRequest {
            prompt: prompt.to_owned(),
            context: String::new(),
        }
    }

    #[tokio::test]
    async fn repeated_prompt_is_served_from_the_cache() {
        let agent = agent("0");
        let first = agent
            .process(request("Why count? To know."))
            .await
            .expect("an answer");
        let again = agent
            .process(request("Why count? To know."))
            .await
            .expect("an answer");
        assert!(!first.cached && again.cached);
        assert_eq!(first.text, again.text);
    }

    #[tokio::test]
    async fn failure_is_returned_and_not_cached() {
        let agent = agent("1");
        let error = agent
            .process(request("Why?"))
            .await
            .expect_err("always failing");
        assert!(error.is_transient());
        agent.faults().expect("the local model").set_rate(0.0);
        assert!(
            !agent
                .process(request("Why?"))
                .await
                .expect("an answer")
                .cached
        );
    }
}
