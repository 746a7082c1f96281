//! The MCP tools, each of which calls an agent. The tools are not tracked, because the agents'
//! operations are and each call would be counted twice.

use mcp_metrics::tracked;
use rmcp::{
    ErrorData,
    handler::server::wrapper::{Json, Parameters},
    model::{CallToolResult, ContentBlock, IntoContents},
    tool, tool_router,
};

use crate::agents::{
    citation_formatter::{self, CitationError, CitationReply, CitationRequest},
    code_runner::{CodeError, CodeReply, CodeRequest},
    llm_processor::{LlmError, LlmReply, LlmRequest},
    orchestrator::{self, ResearchError, ResearchReply, ResearchRequest},
    question_enhancer::{self, EnhanceError, EnhanceRequest, EnhancedQuestion},
    web_search::{SearchError, SearchReply, SearchRequest},
};

use super::Hub;

#[tool_router(router = agent_tools, vis = "pub(super)")]
impl Hub {
    /// Splits a question into sub-questions that can be answered one by one.
    #[tool(annotations(read_only_hint = true))]
    fn question_enhancer(
        Parameters(request): Parameters<EnhanceRequest>,
    ) -> Result<Json<EnhancedQuestion>, EnhanceError> {
        question_enhancer::enhance(&request).map(Json)
    }

    /// Searches the hub's documents and returns the best matching passages.
    #[tool(annotations(read_only_hint = true))]
    async fn web_search(
        &self,
        Parameters(request): Parameters<SearchRequest>,
    ) -> Result<Json<SearchReply>, SearchError> {
        self.agents().search.search(&request).await.map(Json)
    }

    /// Answers a prompt with a language model, based on the given context.
    #[tool(annotations(read_only_hint = true))]
    async fn llm_processor(
        &self,
        Parameters(request): Parameters<LlmRequest>,
    ) -> Result<Json<LlmReply>, LlmError> {
        self.agents().llm.process(request).await.map(Json)
    }

    /// Runs a Rhai script in a sandbox.
    #[tool(annotations(read_only_hint = true))]
    async fn code_runner(
        &self,
        Parameters(request): Parameters<CodeRequest>,
    ) -> Result<Json<CodeReply>, CodeError> {
        self.agents().code.execute(request).await.map(Json)
    }

    /// Formats citations in APA, MLA, Chicago or BibTeX style.
    #[tool(annotations(read_only_hint = true))]
    fn citation_formatter(
        Parameters(request): Parameters<CitationRequest>,
    ) -> Result<Json<CitationReply>, CitationError> {
        citation_formatter::format(&request).map(Json)
    }

    /// Answers a question from the hub's documents, with citations, using all other agents.
    #[tool(annotations(read_only_hint = true))]
    async fn orchestrator(
        &self,
        Parameters(request): Parameters<ResearchRequest>,
    ) -> Result<Json<ResearchReply>, ResearchError> {
        orchestrator::research(self.agents(), request)
            .await
            .map(Json)
    }

    /// Returns the hub's metrics as JSON.
    // This tool calls no agent, so it is tracked itself. `#[tracked]` is above `#[tool]`, which
    // drops the documentation of a function if another attribute follows.
    #[tracked("hub", "status")]
    #[tool(annotations(read_only_hint = true))]
    async fn hub_status(&self) -> Result<CallToolResult, ErrorData> {
        let summary = serde_json::to_value(self.shared.exporter.summary())
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(CallToolResult::structured(summary))
    }
}

/// Converts the agents' errors to text for results that are marked as errors.
macro_rules! impl_into_contents {
    ($($error:ty),* $(,)?) => {
        $(impl IntoContents for $error {
            fn into_contents(self) -> Vec<ContentBlock> {
                vec![ContentBlock::text(self.to_string())]
            }
        })*
    };
}

impl_into_contents!(
    CitationError,
    CodeError,
    EnhanceError,
    LlmError,
    ResearchError,
    SearchError
);
