//! Outcomes of requests. Every request ends exactly once.

use mcp_metrics::ErrorType;

#[path = "outcomes/futures.rs"]
mod futures;
#[path = "outcomes/panics.rs"]
mod panics;
#[path = "outcomes/pointers.rs"]
mod pointers;
#[path = "outcomes/requests.rs"]
mod requests;
#[path = "outcomes/values.rs"]
mod values;

#[derive(Debug, ErrorType)]
#[expect(dead_code, reason = "the fields matter only for the label")]
enum Failure {
    Timeout,
    #[error_type("Upstream")]
    Provider {
        status: u16,
    },
    #[error_type(transparent)]
    Io(std::io::Error),
    #[error_type(transparent)]
    Json {
        inner: serde_json::Error,
    },
}

type Alias<T> = std::result::Result<T, Failure>;

struct Opaque;
