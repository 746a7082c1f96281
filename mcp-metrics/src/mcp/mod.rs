//! Metrics of a whole MCP server, built with [rmcp](https://docs.rs/rmcp), without annotations.
//!
//! [`Metered`] wraps a server handler. The families are in [`catalog::mcp`](crate::catalog::mcp).

mod known_names;
mod labels;
mod metered;
mod method;
mod operation;
mod record;
mod session;
mod supervisor;

pub use metered::Metered;
