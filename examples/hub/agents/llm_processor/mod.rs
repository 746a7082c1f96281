//! Answers prompts with a language model: an OpenAI-compatible API if one is configured, otherwise
//! an extractive summariser in this process. Answers are cached, failed calls are retried.

mod error;
mod faults;
mod local;
mod remote;

use std::time::Duration;

use mcp_metrics::{track_cache_access, track_llm_call, tracked, tracked_retry};
use moka::sync::Cache;
use rmcp::schemars;
use serde::{Deserialize, Serialize};

use crate::{Failure, cli::Cli};

use self::remote::Remote;
pub(crate) use self::{error::LlmError, faults::Faults};

/// Longest prompt and context together, in characters.
const MAX_INPUT: usize = 50_000;
/// How many answers are remembered, and for how long.
const CACHE_ENTRIES: u64 = 1_000;
const CACHE_LIFETIME: Duration = Duration::from_mins(10);

/// What to answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, schemars::JsonSchema)]
pub(crate) struct LlmRequest {
    /// The question or task.
    pub(crate) prompt: String,
    /// Text to base the answer on.
    #[serde(default)]
    pub(crate) context: String,
}

/// The answer.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub(crate) struct LlmReply {
    /// The answer.
    pub(crate) text: String,
    /// Who gave it.
    pub(crate) provider: String,
    /// The model that gave it.
    pub(crate) model: String,
    /// Whether it came from the cache.
    pub(crate) cached: bool,
}

/// Who answers.
#[derive(Debug)]
enum Backend {
    /// The summariser in this process, with its pretended faults.
    Local(Faults),
    /// An API over HTTP.
    Remote(Remote),
}

/// The agent.
#[derive(Debug)]
pub(crate) struct LlmProcessor {
    /// Who answers.
    backend: Backend,
    /// The value of the `provider` label.
    provider: String,
    /// The value of the `model` label.
    model: String,
    /// The answers given lately.
    cache: Cache<LlmRequest, String>,
}

impl LlmProcessor {
    /// Sets the agent up as the command line and the environment say.
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

    /// For the log: who answers.
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

    /// The switch for pretended faults, if the local model answers.
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

        let known = self.cache.get(&request);
        track_cache_access("llm", known.is_some());
        let cached = known.is_some();
        let text = if let Some(text) = known {
            text
        } else {
            let text = self.call(&request).await?;
            self.cache.insert(request, text.clone());
            text
        };
        Ok(LlmReply {
            text,
            provider: self.provider.clone(),
            model: self.model.clone(),
            cached,
        })
    }

    /// Makes one call; the attribute makes it again while it fails for a reason that may pass.
    #[tracked_retry(
        "llm_api",
        attempts = 3,
        delay = "200ms",
        factor = 2.0,
        max_delay = "2s",
        jitter,
        retry_if = LlmError::is_transient
    )]
    async fn call(&self, request: &LlmRequest) -> Result<String, LlmError> {
        // Inside the attempt, so that each call that is paid for is counted.
        track_llm_call(self.provider.clone(), self.model.clone());
        match &self.backend {
            Backend::Local(faults) => {
                faults.strike()?;
                Ok(local::summarise(&request.prompt, &request.context))
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
    async fn a_repeated_prompt_comes_from_the_cache() {
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
    async fn a_failure_is_passed_on_and_not_cached() {
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
