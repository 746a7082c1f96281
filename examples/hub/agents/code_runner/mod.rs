//! Runs scripts in a sandbox: bounded work, memory and time, no files, no network.

mod sandbox;
mod stop;

use std::{sync::Arc, time::Duration};

use mcp_metrics::{ErrorType, ExecutionStatus, track_code_execution, tracked};
use rmcp::schemars;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use self::stop::Stop;

/// Longest script that is taken, in bytes.
const MAX_SCRIPT: usize = 20_000;
/// Longest time that a script may be given, and what it gets if the caller doesn't say.
const MAX_TIME: Duration = Duration::from_mins(1);
const DEFAULT_TIME: Duration = Duration::from_secs(5);
/// How many scripts run at once; more wait. Each holds a thread while it runs.
const MAX_RUNNING: usize = 32;

/// What to run.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
pub(crate) struct CodeRequest {
    /// A Rhai script; its last expression is the result. `print(x)` writes to the output,
    /// `sleep(ms)` waits.
    pub(crate) script: String,
    /// Constants for the script, by name.
    #[serde(default)]
    pub(crate) inputs: Map<String, Value>,
    /// Longest time it may take, in milliseconds, 1 to 60000 (default 5000).
    pub(crate) timeout_ms: Option<u64>,
}

/// What came of it.
#[derive(Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub(crate) struct CodeReply {
    /// The value of the last expression.
    pub(crate) result: Value,
    /// What the script printed.
    pub(crate) output: String,
}

/// Why a script gave no result.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum CodeError {
    /// Nothing but white space.
    #[error("the script is empty")]
    EmptyScript,
    /// Longer than a script should be.
    #[error("the script has {0} bytes, at most {MAX_SCRIPT} are taken")]
    ScriptTooLong(usize),
    /// A time limit of 0, or one too high.
    #[error("timeout_ms is {0}, not between 1 and {max}", max = MAX_TIME.as_millis())]
    TimeoutOutOfRange(u64),
    /// An input that can't be a constant.
    #[error("the input {0:?} cannot be used: {1}")]
    BadInput(String, String),
    /// It can't be read.
    #[error("the script cannot be read: {0}")]
    Syntax(String),
    /// It failed by itself.
    #[error("the script failed: {0}")]
    Runtime(String),
    /// It did too much.
    #[error("the script took more than {max} steps", max = sandbox::MAX_OPERATIONS)]
    TooManyOperations,
    /// It held too much.
    #[error("the script went beyond its memory: {0}")]
    MemoryLimit(String),
    /// It took too long.
    #[error("the script did not end within {} ms", .0.as_millis())]
    Timeout(Duration),
    /// Nobody waits for the result any more.
    #[error("the script was stopped")]
    Stopped,
    /// The sandbox itself broke.
    #[error("the sandbox broke")]
    Crashed(#[source] tokio::task::JoinError),
}

/// The agent.
#[derive(Debug)]
pub(crate) struct CodeRunner {
    /// One permit for each script that may run.
    running: Arc<Semaphore>,
}

impl CodeRunner {
    /// Sets the agent up.
    pub(crate) fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(MAX_RUNNING)),
        }
    }

    /// Runs a script on a thread of its own. Dropping the future stops the script.
    #[tracked("code_runner", "execute")]
    pub(crate) async fn execute(&self, request: CodeRequest) -> Result<CodeReply, CodeError> {
        let limit = check(&request)?;
        // The semaphore is never closed, so there is always a permit in the end; no permit, no run.
        let permit = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| CodeError::Stopped)?;
        let stop = Stop::after(limit);
        let _stop_on_drop = stop.on_drop();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            // A script whose sandbox breaks has failed too, so count on the way out, whichever it is.
            let mut execution = Execution {
                status: ExecutionStatus::Failure,
            };
            let result = sandbox::run(&request, &stop);
            if result.is_ok() {
                execution.status = ExecutionStatus::Success;
            }
            result
        })
        .await
        .map_err(CodeError::Crashed)?
    }
}

/// Counts an execution when it ends, however that is.
struct Execution {
    /// What to count it as.
    status: ExecutionStatus,
}

impl Drop for Execution {
    fn drop(&mut self) {
        track_code_execution(self.status);
    }
}

/// Checks a request before anything runs, and gives its time limit.
fn check(request: &CodeRequest) -> Result<Duration, CodeError> {
    if request.script.trim().is_empty() {
        return Err(CodeError::EmptyScript);
    }
    if request.script.len() > MAX_SCRIPT {
        return Err(CodeError::ScriptTooLong(request.script.len()));
    }
    let Some(wanted) = request.timeout_ms else {
        return Ok(DEFAULT_TIME);
    };
    let limit = Duration::from_millis(wanted);
    if limit.is_zero() || limit > MAX_TIME {
        return Err(CodeError::TimeoutOutOfRange(wanted));
    }
    Ok(limit)
}

#[cfg(test)]
mod tests;
