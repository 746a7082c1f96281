//! Metrics of a whole MCP server, built with [rmcp](https://docs.rs/rmcp), without annotations.
//!
//! [`streamable_http`] records a whole server over HTTP, and [`Metered`] the handler of any server.
//! [`MeteredTransport`] adds what only a transport sees, of a server or a client;
//! [`streamable_http`] includes it, with [`MeteredSessions`] and [`McpHttpLayer`]. The families are
//! in [`catalog::mcp`](crate::catalog::mcp).

mod http_layer;
mod known_names;
mod labels;
mod metered;
mod method;
mod operation;
mod record;
mod session;
mod sessions;
mod streamable_http;
mod supervisor;
mod transport;

pub use http_layer::{AuthFailure, McpHttp, McpHttpBody, McpHttpFuture, McpHttpLayer};
pub use metered::Metered;
pub use sessions::MeteredSessions;
pub use streamable_http::{StreamableHttp, streamable_http};
pub use transport::MeteredTransport;
