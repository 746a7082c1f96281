//! Metrics of a whole MCP server: `mcp::Metered` under rmcp's own client.

#[path = "mcp/forwarded.rs"]
mod forwarded;
#[path = "mcp/operations.rs"]
mod operations;
#[path = "mcp/server.rs"]
mod server;
