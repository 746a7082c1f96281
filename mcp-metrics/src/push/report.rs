//! Reports on standard error, for programs without a `tracing` subscriber.

use std::fmt::Display;
use std::io::Write as _;

use tracing::dispatcher::{self, Dispatch};
use tracing::subscriber::NoSubscriber;

/// Prints a message, unless a subscriber receives the events of this thread.
///
/// A lost push is otherwise noticed only by a look at the gateway: the program has ended.
pub(super) fn print_without_subscriber(message: impl Display) {
    if dispatcher::get_default(Dispatch::is::<NoSubscriber>) {
        // Unlike `eprintln!`, this does not panic if standard error is closed.
        let _ = writeln!(std::io::stderr(), "mcp-metrics: {message}");
    }
}
