//! A tool that misbehaves on request, for tests of what surrounds the tools. Offered only with
//! `--test-tools`.

use std::time::Duration;

use mcp_metrics::{ErrorType, tracked};
use rmcp::{
    handler::server::wrapper::Parameters,
    model::{ContentBlock, IntoContents},
    schemars, tool, tool_router,
};
use serde::Deserialize;

use super::Hub;

/// The value of the `agent` label.
const AGENT: &str = "fault";

/// How to misbehave.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct FaultRequest {
    /// In which way.
    kind: Kind,
    /// How long to sleep (default 1).
    seconds: Option<f64>,
}

/// A way to misbehave.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Panic.
    Panic,
    /// Return an error.
    Error,
    /// Take time, then succeed.
    Sleep,
}

/// What the tool returns as an error.
#[derive(Debug, thiserror::Error, ErrorType)]
enum FaultError {
    /// As requested.
    #[error("an error, as requested")]
    Requested,
    /// No time to sleep.
    #[error("{0} s is no time to sleep")]
    BadDuration(f64),
}

impl IntoContents for FaultError {
    fn into_contents(self) -> Vec<ContentBlock> {
        vec![ContentBlock::text(self.to_string())]
    }
}

#[tool_router(router = fault_tools, vis = "pub(super)")]
impl Hub {
    /// Panics, fails or sleeps.
    // Labels that aren't literals: series of literal ones are exported as 0 before the first call,
    // and these should not be seen where the tool isn't offered.
    #[tracked(agent = AGENT, operation = "fault")]
    #[tool]
    async fn fault(
        &self,
        Parameters(request): Parameters<FaultRequest>,
    ) -> Result<String, FaultError> {
        match request.kind {
            Kind::Panic => panic!("a panic, as requested"),
            Kind::Error => Err(FaultError::Requested),
            Kind::Sleep => {
                let seconds = request.seconds.unwrap_or(1.0);
                let time = Duration::try_from_secs_f64(seconds)
                    .map_err(|_| FaultError::BadDuration(seconds))?;
                tokio::time::sleep(time).await;
                Ok(format!("slept {seconds} s"))
            }
        }
    }
}
