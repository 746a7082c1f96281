//! Supervision of tool calls: drops cancelled calls and catches panics, which rmcp leaves to the
//! server.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use rmcp::{ErrorData, model::CallToolResponse};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

/// Runs a tool call until it completes, or until the client cancels it or disconnects.
///
/// rmcp only cancels the token and lets the call continue. Dropping the future here stops the work
/// and records the request with `error_type="cancelled"`. A panic, recorded with
/// `error_type="panic"`, is returned to the client as an error: uncaught, it would end the task
/// that sends the response, and the client would wait indefinitely.
pub(super) async fn supervise(
    tool: &str,
    cancelled: CancellationToken,
    call: impl Future<Output = Result<CallToolResponse, ErrorData>>,
) -> Result<CallToolResponse, ErrorData> {
    // Unwind safety: the tools share caches, counters and locks that tolerate poisoning.
    let outcome = AssertUnwindSafe(call).catch_unwind();
    tokio::select! {
        // A completed call is reported as such, even if it is cancelled at the same time.
        biased;
        outcome = outcome => outcome.unwrap_or_else(|panic| {
            error!(tool, panic = message(&*panic), "tool panicked");
            Err(ErrorData::internal_error(format!("tool {tool} panicked"), None))
        }),
        () = cancelled.cancelled() => {
            debug!(tool, "call cancelled by the client");
            // Discarded: rmcp sends no response to a cancelled request.
            Err(ErrorData::internal_error("cancelled", None))
        }
    }
}

/// Returns the message of a panic, if it has one.
fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn cancelled_call_is_dropped() {
        let cancelled = CancellationToken::new();
        cancelled.cancel();
        assert!(supervise("slow", cancelled, pending()).await.is_err());
    }

    #[tokio::test]
    async fn panic_in_a_tool_is_an_error_that_names_the_tool() {
        let outcome = supervise("bad", CancellationToken::new(), async { panic!("oh no") }).await;
        assert_eq!(outcome.expect_err("an error").message, "tool bad panicked");
    }
}
