//! The agents: plain Rust types, independent of MCP. Each public operation has a `#[tracked]`
//! attribute, so that a call is counted once, whether a tool or another agent makes it.

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
    /// Searches the bundled documents and `--corpus`.
    pub(crate) search: WebSearch,
    /// Calls the language model, remote or local.
    pub(crate) llm: LlmProcessor,
    /// Runs scripts in a sandbox.
    pub(crate) code: CodeRunner,
}

impl Agents {
    /// Creates all agents, configured by the command line.
    pub(crate) fn new(cli: &Cli) -> Result<Self, Failure> {
        Ok(Self {
            search: WebSearch::new(cli.corpus.as_deref())?,
            llm: LlmProcessor::new(cli)?,
            code: CodeRunner::new(),
        })
    }

    /// Describes the agents for the log.
    pub(crate) fn describe(&self) -> String {
        format!(
            "{} documents to search, {}",
            self.search.documents(),
            self.llm.describe()
        )
    }
}
