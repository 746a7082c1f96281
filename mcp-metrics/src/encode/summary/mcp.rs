//! The families of MCP servers.

mod types;

use std::collections::BTreeMap;

use super::add;
use crate::catalog::mcp;
use crate::snapshot::{HistogramSnapshot, Labels};

pub use types::{McpServerSummary, McpSessionSummary, McpToolSummary};

/// The values of an MCP server's families that were read so far.
#[derive(Debug, Default)]
pub(super) struct McpServer {
    /// Whether there is a series of a server's families.
    exists: bool,
    summary: McpServerSummary,
    /// The tools by name. Their series are sorted by other labels first.
    tools: BTreeMap<String, McpToolSummary>,
}

impl McpServer {
    /// Returns the summary; `None` if there is no series of an MCP server.
    pub(super) fn finish(mut self) -> Option<McpServerSummary> {
        self.summary.tools = self.tools.into_values().collect();
        self.summary
            .sessions
            .sort_by(|a, b| a.labels().cmp(&b.labels()));
        self.exists.then_some(self.summary)
    }

    /// Adds a series of a counter.
    pub(super) fn counter(&mut self, family: &str, labels: &Labels<'_>, value: u64) {
        match family {
            mcp::UNKNOWN_TOOL_CALLS => self.summary.unknown_tool_calls = value,
            mcp::SESSIONS => self.summary.sessions.push(McpSessionSummary {
                client_name: labels.get("client_name").to_owned(),
                client_version: labels.get("client_version").to_owned(),
                protocol_version: labels.get("mcp_protocol_version").to_owned(),
                sessions: value,
            }),
            _ => return,
        }
        self.exists = true;
    }

    /// Adds a series of a gauge.
    pub(super) fn gauge(&mut self, family: &str, labels: &Labels<'_>, value: u64) {
        let (gauges, label) = match family {
            mcp::ACTIVE_REQUESTS => (&mut self.summary.active_requests, "mcp_method_name"),
            mcp::ACTIVE_SESSIONS => (&mut self.summary.active_sessions, "network_transport"),
            _ => return,
        };
        add(gauges, labels.get(label), value);
        self.exists = true;
    }

    /// Adds a series of a histogram.
    pub(super) fn histogram(
        &mut self,
        family: &str,
        labels: &Labels<'_>,
        value: &HistogramSnapshot<'_>,
    ) {
        if family != mcp::SERVER_OPERATION_DURATION {
            return;
        }
        self.exists = true;
        let name = labels.get("gen_ai_tool_name");
        // Other methods, and calls of unknown tools.
        if name.is_empty() {
            return;
        }
        if !self.tools.contains_key(name) {
            let tool = McpToolSummary::new(name);
            self.tools.insert(name.to_owned(), tool);
        }
        let Some(tool) = self.tools.get_mut(name) else {
            return;
        };
        let count = tool.observe(value);
        let error_type = labels.get("error_type");
        if !error_type.is_empty() {
            add(&mut tool.failed, error_type, count);
        }
    }
}
