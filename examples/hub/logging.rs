//! Log lines on standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// What is logged when `RUST_LOG` doesn't say otherwise. rmcp warns of every bad argument and every
/// cancelled call, and reports an error for every client that left before its answer: news to a
/// library's author, everyday life to a hub.
const DEFAULT_FILTER: &str = "info,rmcp=error,rmcp::service=off";

/// Starts logging, at the levels that `RUST_LOG` names (`target=level` pairs, comma-separated).
pub(crate) fn init() {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| DEFAULT_FILTER.to_owned());
    let parsed = wanted.parse::<Targets>();
    let refused = parsed.as_ref().err().map(ToString::to_string);
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
    if let Some(reason) = refused {
        tracing::warn!("RUST_LOG={wanted:?} is not understood ({reason}), logging at info");
    }
}
