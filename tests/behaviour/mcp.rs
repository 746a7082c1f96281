//! Metrics of a whole MCP server: `mcp::Metered` under rmcp's own client.

#[path = "mcp/by_hand.rs"]
mod by_hand;
#[path = "mcp/endings.rs"]
mod endings;
#[path = "mcp/http.rs"]
mod http;
#[path = "mcp/operations.rs"]
mod operations;
#[path = "mcp/recorder.rs"]
mod recorder;
#[path = "mcp/server.rs"]
mod server;
#[path = "mcp/sessions.rs"]
mod sessions;
