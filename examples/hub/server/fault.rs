//! A tool that panics, fails or sleeps on request, for tests. Offered only with `--test-tools`.

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

/// The arguments of the tool.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct FaultRequest {
    /// The fault to produce.
    kind: Kind,
    /// How long to sleep (default 1).
    seconds: Option<f64>,
}

/// A fault.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Panic.
    Panic,
    /// Return an error.
    Error,
    /// Sleep, then succeed.
    Sleep,
}

/// An error of the tool.
#[derive(Debug, thiserror::Error, ErrorType)]
enum FaultError {
    /// The requested error.
    #[error("an error, as requested")]
    Requested,
    /// An invalid duration.
    #[error("`seconds` must be a valid duration (got {0})")]
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
    // Dynamic labels: the series of literal labels are exported as 0 before the first call, which
    // would show this tool on hubs that do not offer it.
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
