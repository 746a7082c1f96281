//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// How often the local summariser fails on purpose while demo traffic runs, unless told otherwise.
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

    /// Start nothing, but ask the hub at that address whether it is well: exits with 0 if it is.
    #[arg(long)]
    pub(crate) check_health: bool,

    /// Also search the .md and .txt files below this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Option<PathBuf>,

    /// Also answer MCP requests for this host name (repeatable).
    ///
    /// Requests whose Host header names anything but this machine are refused, so that a web page
    /// cannot reach the hub by rebinding its own name to a local address.
    #[arg(long, value_name = "HOST")]
    pub(crate) allow_host: Vec<String>,

    /// Keep the hub busy with a client of its own, so that every metric moves.
    ///
    /// The client calls the tools over HTTP like any other: good calls, bad ones, repeated ones
    /// that hit a cache, cancelled ones. The local summariser fails now and then (see
    /// --llm-fault-rate), and during short pretended outages it fails every time, so that retries
    /// and exhausted retries show.
    #[arg(long)]
    pub(crate) demo_traffic: bool,

    /// Base URL of an OpenAI-compatible API, up to and including its version (…/v1).
    ///
    /// Without it, an extractive summariser in this process answers, as provider "local".
    #[arg(long, value_name = "URL", env = "LLM_BASE_URL")]
    pub(crate) llm_base_url: Option<String>,

    /// Key for that API.
    #[arg(long, value_name = "KEY", env = "LLM_API_KEY", hide_env_values = true)]
    pub(crate) llm_api_key: Option<String>,

    /// Model to ask for.
    #[arg(
        long,
        value_name = "NAME",
        env = "LLM_MODEL",
        default_value = "gpt-4o-mini"
    )]
    pub(crate) llm_model: String,

    /// Name of that API in the metrics' `provider` label.
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
    /// Each failure is of a kind that is worth retrying (rate limited, unavailable).
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    llm_fault_rate: Option<f64>,

    /// Offer a `fault` tool that panics or sleeps on request.
    #[arg(long, hide = true)]
    pub(crate) test_tools: bool,
}

impl Cli {
    /// The share of local summariser calls that shall fail.
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
    /// Reads a command line, and the environment except for `LLM_BASE_URL`: no test may call an API.
    pub(crate) fn offline(arguments: &[&str]) -> Self {
        Self {
            llm_base_url: None,
            ..Self::parse_from(arguments)
        }
    }
}

/// Reads a share, and refuses what isn't one.
fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=1.0).contains(&rate) => Ok(rate),
        Ok(rate) => Err(format!("{rate} is not between 0 and 1")),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn faults_are_off_unless_asked_for_or_part_of_the_demo() {
        let rate = |arguments: &[&str]| Cli::parse_from(arguments).fault_rate();
        assert!(rate(&["hub"]).abs() < f64::EPSILON);
        assert!(rate(&["hub", "--demo-traffic"]) > 0.0);
        assert!(rate(&["hub", "--demo-traffic", "--llm-fault-rate", "0"]).abs() < f64::EPSILON);
        assert!(Cli::try_parse_from(["hub", "--llm-fault-rate", "1.5"]).is_err());
    }
}
