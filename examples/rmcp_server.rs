//! An MCP server with metrics: rmcp over streamable HTTP, with every attribute of `mcp-metrics`.
//!
//! ```text
//! cargo run --bin rmcp_server             # or with an address: … rmcp_server -- 127.0.0.1:9000
//! curl http://127.0.0.1:8000/metrics      # MCP clients connect to http://127.0.0.1:8000/mcp
//! ```
//!
//! One line, `mcp::streamable_http`, records the whole server; the attributes add what happens in it.

use std::{env, error::Error, io};

use mcp_metrics::{ErrorType, Exporter, mcp, tracked};
use mcp_metrics::{tracked_cache, tracked_execution, tracked_llm, tracked_retry, tracked_search};
use moka::sync::Cache;
use rmcp::handler::server::{router::tool::ToolRouter, wrapper::Parameters};
use rmcp::model::{ContentBlock, IntoContents};
use rmcp::transport::StreamableHttpServerConfig;
use rmcp::{ServerHandler, schemars, tool, tool_handler, tool_router};
use tokio::{net::TcpListener, signal};
use tokio_util::sync::CancellationToken;

/// The arguments of all tools.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Input {
    /// The question, the search term or the script.
    text: String,
}

/// An error of a tool. The names of the variants are the values of the label `error_type`.
#[derive(Debug, thiserror::Error, ErrorType)]
enum ToolError {
    #[error("the language model is busy")]
    Busy,
    #[error("nothing found")]
    NotFound,
    #[error("the script failed: {0}")]
    #[error_type("Script")]
    Rhai(#[from] Box<rhai::EvalAltResult>),
}

impl IntoContents for ToolError {
    fn into_contents(self) -> Vec<ContentBlock> {
        vec![ContentBlock::text(self.to_string())]
    }
}

/// The server; every session holds a clone.
#[derive(Clone)]
struct Assistant {
    tools: ToolRouter<Self>,
    answers: Cache<String, String>,
}

// Above `#[tool_router]`, which adds a function to the block that is not a tool.
#[tracked(agent = "assistant")]
#[tool_router]
impl Assistant {
    /// Answers a question with the language model.
    #[tool]
    async fn ask(&self, Parameters(input): Parameters<Input>) -> Result<String, ToolError> {
        if let Some(answer) = cached(&self.answers, &input.text) {
            return Ok(answer);
        }
        let answer = complete(&input.text).await?;
        self.answers.insert(input.text, answer.clone());
        Ok(answer)
    }

    /// Searches the documents.
    #[tracked_search]
    #[tool]
    async fn search(&self, Parameters(input): Parameters<Input>) -> Result<String, ToolError> {
        let mut documents = ["Counters only go up.", "Gauges go up and down."].into_iter();
        let found = documents.find(|document| document.contains(&input.text));
        Ok(found.ok_or(ToolError::NotFound)?.to_owned())
    }

    /// Evaluates a Rhai script.
    #[tracked_execution]
    #[tool]
    async fn evaluate(&self, Parameters(input): Parameters<Input>) -> Result<String, ToolError> {
        let mut engine = rhai::Engine::new();
        engine.set_max_operations(10_000);
        Ok(engine.eval::<rhai::Dynamic>(&input.text)?.to_string())
    }
}

/// Looks up an answer: `Some` counts as a hit, `None` as a miss.
#[tracked_cache("answers")]
fn cached(answers: &Cache<String, String>, question: &str) -> Option<String> {
    answers.get(question)
}

/// Stands in for a call of your provider. Up to three attempts, each of which is an LLM call.
#[tracked_llm(provider = "openai", model = "gpt-4")]
#[tracked_retry("llm_api", attempts = 3, jitter, retry_if = |e| matches!(e, ToolError::Busy))]
async fn complete(question: &str) -> Result<String, ToolError> {
    match question {
        "" => Err(ToolError::NotFound),
        "busy?" => Err(ToolError::Busy),
        _ => Ok(format!("An answer to {question:?}")),
    }
}

#[tool_handler(router = self.tools, name = "assistant")]
impl ServerHandler for Assistant {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let exporter = Exporter::builder()
        .app("assistant", env!("CARGO_PKG_VERSION"))
        .install()?;
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_owned());
    let listener = TcpListener::bind(address).await?;
    tracing::info!("MCP at http://{}/mcp", listener.local_addr()?);
    let assistant = Assistant {
        tools: Assistant::tool_router(),
        answers: Cache::new(1_000),
    };
    let stop = CancellationToken::new();
    let config = StreamableHttpServerConfig::default().with_cancellation_token(stop.child_token());
    let mcp = mcp::streamable_http(move || Ok(assistant.clone()), config).supervised();
    let app = axum::Router::new().nest_service("/mcp", mcp);
    let app = app.merge(exporter.router());
    let shutdown = async move {
        let _ = stop_signal().await; // the server also stops if it cannot wait for signals
        stop.cancel(); // ends the sessions, which would otherwise keep their connections open
    };
    let server = axum::serve(listener, app).with_graceful_shutdown(shutdown);
    server.await?;
    exporter.shutdown();
    Ok(())
}

/// Waits for Ctrl-C or, on Unix, SIGTERM, which container runtimes send.
async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
