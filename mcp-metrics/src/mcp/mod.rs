//! Metrics of a whole MCP server, built with [rmcp](https://docs.rs/rmcp), without annotations.
//!
//! [`Metered`] wraps a server handler, and [`McpHttpLayer`] an HTTP service. [`streamable_http`]
//! combines both for servers over HTTP. The families are in [`catalog::mcp`](crate::catalog::mcp).

mod http_layer;
mod known_names;
mod labels;
mod metered;
mod method;
mod operation;
mod record;
mod session;
mod streamable_http;
mod supervisor;

pub use http_layer::{AuthFailure, McpHttp, McpHttpBody, McpHttpFuture, McpHttpLayer};
pub use metered::Metered;
pub use streamable_http::{StreamableHttp, streamable_http};
