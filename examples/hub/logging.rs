//! Logging to standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// The default of `RUST_LOG`.
///
/// rmcp warns about every invalid argument and every cancelled call, and logs an error for every
/// client that disconnects before its response. These events are normal for a hub.
const DEFAULT_FILTER: &str = "info,rmcp=error,rmcp::service=off";

/// Initialises logging with the levels in `RUST_LOG` (comma-separated `target=level` pairs).
pub(crate) fn init() {
    let directives = std::env::var("RUST_LOG").unwrap_or_else(|_| DEFAULT_FILTER.to_owned());
    let parsed = directives.parse::<Targets>();
    let invalid = parsed.as_ref().err().map(ToString::to_string);
    let filter = parsed.unwrap_or_else(|_| Targets::new().with_default(tracing::Level::INFO));
    tracing_subscriber::registry()
        .with(filter)
        .with(
            tracing_subscriber::fmt::layer()
                .with_target(false)
                .with_writer(io::stderr)
                .with_ansi(io::stderr().is_terminal()),
        )
        .init();
    if let Some(reason) = invalid {
        tracing::warn!(value = directives, %reason, "invalid RUST_LOG; logging at level info");
    }
}
