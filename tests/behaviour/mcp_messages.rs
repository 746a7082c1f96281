//! Messages and sessions of MCP servers and clients: `mcp::MeteredTransport` and
//! `mcp::MeteredSessions`.

#[path = "mcp_messages/forwarded.rs"]
mod forwarded;
#[path = "mcp_messages/http.rs"]
mod http;
#[path = "mcp_messages/links.rs"]
mod links;
#[path = "mcp_messages/peers.rs"]
mod peers;
#[path = "mcp_messages/recorded.rs"]
mod recorded;
#[path = "mcp_messages/rmcp_source.rs"]
mod rmcp_source;
#[path = "mcp_messages/sessions.rs"]
mod sessions;
#[path = "mcp_messages/sessions_restored.rs"]
mod sessions_restored;
#[path = "mcp_messages/transport_client.rs"]
mod transport_client;
#[path = "mcp_messages/transport_modern.rs"]
mod transport_modern;
#[path = "mcp_messages/transport_server.rs"]
mod transport_server;
