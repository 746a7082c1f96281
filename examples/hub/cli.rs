//! The command-line options.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// Default share of local summariser calls that fail on purpose while demo traffic runs.
const DEMO_FAULT_RATE: f64 = 0.25;

/// An MCP hub whose agents report Prometheus metrics.
///
/// Serves MCP at /mcp and metrics at /metrics, on one port. Works offline: the documents to search
/// and the summariser are built in.
#[derive(Debug, Parser)]
#[command(name = "hub", version)]
pub(crate) struct Cli {
    /// Address to listen on; port 0 picks a free one and logs it.
    #[arg(
        long,
        value_name = "ADDR",
        env = "HUB_LISTEN",
        default_value = "127.0.0.1:7860"
    )]
    pub(crate) listen: SocketAddr,

    /// Check the health of the hub at that address and exit with status 0 if it is healthy.
    #[arg(long)]
    pub(crate) check_health: bool,

    /// Prefix of the hub's metrics.
    ///
    /// examples/monitoring/set-namespace writes rules and dashboards for another prefix.
    #[arg(
        long,
        value_name = "NAME",
        env = "HUB_NAMESPACE",
        default_value = mcp_metrics::catalog::NAMESPACE
    )]
    pub(crate) namespace: String,

    /// Also search the .md and .txt files below this directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Option<PathBuf>,

    /// Also answer MCP requests for this host name (repeatable).
    ///
    /// Requests whose Host header names another host are rejected, so that a web page cannot reach
    /// the hub by DNS rebinding.
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,

    /// Generate traffic with a built-in client, so that every metric has data.
    ///
    /// The client calls the tools over HTTP. Its calls include successful and failing ones,
    /// repeated ones that hit a cache, and cancelled ones. The local summariser fails occasionally
    /// (see --llm-fault-rate), and always during short simulated outages, so that there are retries
    /// and exhausted retries.
    #[arg(long)]
    pub(crate) demo_traffic: bool,

    /// Base URL of an OpenAI-compatible API, up to and including its version (…/v1).
    ///
    /// Without it, an extractive summariser in this process answers as provider "local".
    #[arg(long, value_name = "URL", env = "LLM_BASE_URL")]
    pub(crate) llm_base_url: Option<String>,

    /// API key for that API.
    #[arg(long, value_name = "KEY", env = "LLM_API_KEY", hide_env_values = true)]
    pub(crate) llm_api_key: Option<String>,

    /// Model to use.
    #[arg(
        long,
        value_name = "NAME",
        env = "LLM_MODEL",
        default_value = "gpt-4o-mini"
    )]
    pub(crate) llm_model: String,

    /// Value of the metrics' `provider` label for that API.
    #[arg(
        long,
        value_name = "NAME",
        env = "LLM_PROVIDER",
        default_value = "openai"
    )]
    pub(crate) llm_provider: String,

    /// Share of local summariser calls that fail on purpose, 0 to 1
    /// [default: 0, or 0.25 with --demo-traffic].
    ///
    /// All of these failures are transient (rate limited, unavailable), so they are retried.
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    llm_fault_rate: Option<f64>,

    /// Offer a `fault` tool that panics, fails or sleeps on request.
    #[arg(long, hide = true)]
    pub(crate) test_tools: bool,
}

impl Cli {
    /// Returns the share of local summariser calls that fail on purpose.
    pub(crate) fn fault_rate(&self) -> f64 {
        self.llm_fault_rate.unwrap_or(if self.demo_traffic {
            DEMO_FAULT_RATE
        } else {
            0.0
        })
    }
}

#[cfg(test)]
impl Cli {
    /// Parses a command line and the environment, but ignores `LLM_BASE_URL`, so that no test calls
    /// an API.
    pub(crate) fn offline(arguments: &[&str]) -> Self {
        Self {
            llm_base_url: None,
            ..Self::parse_from(arguments)
        }
    }
}

/// Parses a share between 0 and 1.
fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=1.0).contains(&rate) => Ok(rate),
        Ok(rate) => Err(format!("rate must be between 0 and 1 (got {rate})")),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn fault_rate_without_demo_or_option_is_zero() {
        let rate = |arguments: &[&str]| Cli::parse_from(arguments).fault_rate();
        assert!(rate(&["hub"]).abs() < f64::EPSILON);
        assert!(rate(&["hub", "--demo-traffic"]) > 0.0);
        assert!(rate(&["hub", "--demo-traffic", "--llm-fault-rate", "0"]).abs() < f64::EPSILON);
        assert!(Cli::try_parse_from(["hub", "--llm-fault-rate", "1.5"]).is_err());
    }
}
