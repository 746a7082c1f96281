//! Error types that are defined in another crate than the functions that return them.

use std::fmt;

use mcp_metrics::ErrorType;

/// An error of a store.
#[derive(Clone, Copy, Debug, ErrorType)]
pub enum StoreError {
    /// It is full.
    Full,
    /// It cannot be reached.
    #[error_type("Offline")]
    Unreachable,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store failed")
    }
}

impl std::error::Error for StoreError {}

/// The result of a store's operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
