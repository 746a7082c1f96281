//! The MCP server: the tools and the handling of calls.

mod fault;
pub(crate) mod http;
pub(crate) mod signals;
pub(crate) mod tls;
mod tools;

use std::sync::Arc;

use mcp_metrics::Exporter;
use rmcp::{ServerHandler, handler::server::router::tool::ToolRouter, tool_handler};

use crate::agents::Agents;

/// The MCP server; every session holds a clone.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    /// State shared by all sessions.
    shared: Arc<Shared>,
}

/// State shared by all sessions.
#[derive(Debug)]
struct Shared {
    /// The agents behind the tools.
    agents: Arc<Agents>,
    /// Provides the summary for the `hub_status` tool.
    exporter: Exporter,
    /// Built once, because building it generates the JSON schemas of all tools.
    tools: ToolRouter<Hub>,
}

impl Hub {
    /// Creates a server; `test_tools` adds the `fault` tool.
    pub(crate) fn new(agents: Arc<Agents>, exporter: Exporter, test_tools: bool) -> Self {
        let mut tools = Self::agent_tools();
        if test_tools {
            tools.merge(Self::fault_tools());
        }
        Self {
            shared: Arc::new(Shared {
                agents,
                exporter,
                tools,
            }),
        }
    }

    /// Returns the agents.
    fn agents(&self) -> &Agents {
        &self.shared.agents
    }
}

// Without a name, the server would identify itself as "rmcp". The version is this package's.
#[tool_handler(
    router = self.shared.tools,
    name = "mcp-hub",
    instructions = "Agents that split questions, search documents, summarise, run scripts and \
                    format citations. Use `orchestrator` to answer a question with all of them."
)]
impl ServerHandler for Hub {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_have_descriptions_and_valid_schemas() {
        // Building a router panics if MCP does not allow a schema.
        let mut tools = Hub::agent_tools();
        tools.merge(Hub::fault_tools());
        let tools = tools.list_all();
        assert_eq!(tools.len(), 8);
        for tool in tools {
            assert!(
                tool.description.is_some_and(|text| text.len() > 10),
                "{}",
                tool.name
            );
        }
    }
}
