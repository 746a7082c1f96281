//! The agents: plain Rust types that know nothing of MCP. Each public operation carries a
//! `#[tracked]` attribute, so it is counted once per call whoever calls it, a tool or another
//! agent.

pub(crate) mod citation_formatter;
pub(crate) mod code_runner;
pub(crate) mod llm_processor;
pub(crate) mod orchestrator;
pub(crate) mod question_enhancer;
pub(crate) mod text;
pub(crate) mod web_search;

use crate::{Failure, cli::Cli};

use self::{code_runner::CodeRunner, llm_processor::LlmProcessor, web_search::WebSearch};

/// The agents that hold state, shared by all sessions. The others are plain functions.
#[derive(Debug)]
pub(crate) struct Agents {
    /// Full-text search over the bundled documents and `--corpus`.
    pub(crate) search: WebSearch,
    /// The language model, remote or local.
    pub(crate) llm: LlmProcessor,
    /// The script sandbox.
    pub(crate) code: CodeRunner,
}

impl Agents {
    /// Sets all agents up as the command line says.
    pub(crate) fn new(cli: &Cli) -> Result<Self, Failure> {
        Ok(Self {
            search: WebSearch::new(cli.corpus.as_deref())?,
            llm: LlmProcessor::new(cli)?,
            code: CodeRunner::new(),
        })
    }

    /// One line for the log.
    pub(crate) fn describe(&self) -> String {
        format!(
            "{} documents to search, {}",
            self.search.documents(),
            self.llm.describe()
        )
    }
}
