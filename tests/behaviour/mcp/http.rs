//! Responses of MCP servers over HTTP: `mcp::streamable_http` and `mcp::McpHttpLayer`.

#[path = "http_bodies.rs"]
mod bodies;
#[path = "http_clients.rs"]
mod clients;
#[path = "http_disconnects.rs"]
mod disconnects;
#[path = "http_layer.rs"]
mod layer;
#[path = "http_rejections.rs"]
mod rejections;
#[path = "http_server.rs"]
mod server;
#[path = "http_sessions.rs"]
mod sessions;
