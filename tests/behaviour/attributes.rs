//! The arguments of `#[tracked]`, blocks of methods, and the attributes of events.

use mcp_metrics::ErrorType;

#[path = "attributes/arguments.rs"]
mod arguments;
#[path = "attributes/blocks.rs"]
mod blocks;
#[path = "attributes/events.rs"]
mod events;
#[path = "attributes/own.rs"]
mod own;

/// A crate that re-exports the attributes.
mod telemetry {
    pub(super) use mcp_metrics::*;
}

#[derive(Debug, ErrorType)]
enum Failure {
    Busy,
    Final,
}
