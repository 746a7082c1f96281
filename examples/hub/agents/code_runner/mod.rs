//! Runs scripts in a sandbox with limits on operations, memory and time, and without access to
//! files or the network.

mod sandbox;
mod stop;

use std::{sync::Arc, time::Duration};

use mcp_metrics::{ErrorType, tracked};
use rmcp::schemars;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use self::stop::Stop;

/// Maximum length of a script, in bytes.
const MAX_SCRIPT: usize = 20_000;
/// Maximum and default timeout of a script.
const MAX_TIME: Duration = Duration::from_mins(1);
const DEFAULT_TIME: Duration = Duration::from_secs(5);
/// Maximum number of scripts that run concurrently; others wait. Each occupies a thread while it
/// runs.
const MAX_RUNNING: usize = 32;

/// A request to run a script.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
pub(crate) struct CodeRequest {
    /// A Rhai script; its last expression is the result. `print(x)` writes to the output,
    /// `sleep(ms)` waits.
    pub(crate) script: String,
    /// Constants for the script, by name.
    #[serde(default)]
    pub(crate) inputs: Map<String, Value>,
    /// Timeout in milliseconds, 1 to 60000 (default 5000).
    pub(crate) timeout_ms: Option<u64>,
}

/// The result of a script.
#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub(crate) struct CodeReply {
    /// The value of the last expression.
    pub(crate) result: Value,
    /// The output of the script.
    pub(crate) output: String,
}

/// An error of a script.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum CodeError {
    /// The script contains only white space.
    #[error("the script is empty")]
    EmptyScript,
    /// The script is too long.
    #[error("the script has {0} bytes; at most {MAX_SCRIPT} are allowed")]
    ScriptTooLong(usize),
    /// The timeout is out of range.
    #[error("`timeout_ms` must be between 1 and {max} (got {0})", max = MAX_TIME.as_millis())]
    TimeoutOutOfRange(u64),
    /// An input cannot be passed to the script.
    #[error("invalid input {0:?}: {1}")]
    BadInput(String, String),
    /// The script cannot be parsed.
    #[error("failed to parse the script: {0}")]
    Syntax(String),
    /// The script failed at run time.
    #[error("the script failed: {0}")]
    Runtime(String),
    /// The script exceeded the limit on operations.
    #[error("the script exceeded the limit of {max} operations", max = sandbox::MAX_OPERATIONS)]
    TooManyOperations,
    /// The script exceeded a memory limit.
    #[error("the script exceeded its memory limit: {0}")]
    MemoryLimit(String),
    /// The script timed out.
    #[error("the script timed out after {} ms", .0.as_millis())]
    Timeout(Duration),
    /// The caller dropped the future that waits for the result.
    #[error("the script was stopped")]
    Stopped,
    /// The sandbox panicked.
    #[error("the sandbox task failed")]
    Crashed(#[source] tokio::task::JoinError),
}

/// The agent.
#[derive(Debug)]
pub(crate) struct CodeRunner {
    /// Limits the number of scripts that run concurrently.
    running: Arc<Semaphore>,
}

impl CodeRunner {
    /// Creates the agent.
    pub(crate) fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(MAX_RUNNING)),
        }
    }

    /// Runs a script on a blocking thread. Dropping the future stops the script.
    #[tracked("code_runner", "execute")]
    pub(crate) async fn execute(&self, request: CodeRequest) -> Result<CodeReply, CodeError> {
        let limit = check(&request)?;
        // The semaphore is never closed, so acquiring a permit does not fail.
        let permit = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| CodeError::Stopped)?;
        let stop = Stop::after(limit);
        let _stop_on_drop = stop.on_drop();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            sandbox::run(&request, &stop)
        })
        .await
        .map_err(CodeError::Crashed)?
    }
}

/// Validates a request and returns its timeout.
fn check(request: &CodeRequest) -> Result<Duration, CodeError> {
    if request.script.trim().is_empty() {
        return Err(CodeError::EmptyScript);
    }
    if request.script.len() > MAX_SCRIPT {
        return Err(CodeError::ScriptTooLong(request.script.len()));
    }
    let Some(milliseconds) = request.timeout_ms else {
        return Ok(DEFAULT_TIME);
    };
    let limit = Duration::from_millis(milliseconds);
    if limit.is_zero() || limit > MAX_TIME {
        return Err(CodeError::TimeoutOutOfRange(milliseconds));
    }
    Ok(limit)
}

#[cfg(test)]
mod tests;
