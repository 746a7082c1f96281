//! What rmcp leaves to the server around each tool call: dropping it when it is cancelled, and
//! surviving its panics.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use rmcp::{ErrorData, model::CallToolResponse};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

/// Runs a tool call until it ends, or until the client cancels it or goes away.
///
/// rmcp only fires the token; it would let the call run on. Dropping the future here stops the
/// work, and is what the metrics see as `error_type="cancelled"`. A panic, counted as
/// `error_type="panic"` on its way up here, becomes an error for the client: uncaught it would end
/// the task that has to answer, and the client would wait for ever.
pub(super) async fn supervise(
    tool: &str,
    cancelled: CancellationToken,
    call: impl Future<Output = Result<CallToolResponse, ErrorData>>,
) -> Result<CallToolResponse, ErrorData> {
    // Unwind safety: the tools share caches, counters and locks that tolerate poisoning.
    let outcome = AssertUnwindSafe(call).catch_unwind();
    tokio::select! {
        // A call that has ended has ended, even if its cancellation came at the same moment.
        biased;
        outcome = outcome => outcome.unwrap_or_else(|panic| {
            error!("tool {tool} panicked: {}", message(&*panic));
            Err(ErrorData::internal_error(format!("tool {tool} panicked"), None))
        }),
        () = cancelled.cancelled() => {
            debug!("tool {tool}: cancelled by the client");
            // Nobody reads this: rmcp sends no answer to a cancelled request.
            Err(ErrorData::internal_error("cancelled", None))
        }
    }
}

/// What a panic said, if it said something.
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
    async fn a_cancelled_call_is_dropped() {
        let cancelled = CancellationToken::new();
        cancelled.cancel();
        assert!(supervise("slow", cancelled, pending()).await.is_err());
    }

    #[tokio::test]
    async fn a_panic_becomes_an_error_that_names_the_tool() {
        let outcome = supervise("bad", CancellationToken::new(), async { panic!("oh no") }).await;
        assert_eq!(outcome.expect_err("an error").message, "tool bad panicked");
    }
}
