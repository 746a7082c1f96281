//! Calls in flight, as a metric of the server itself: tests wait for it, and see which futures were
//! dropped, without `Metered`, too.

use std::future::Future;
use std::sync::LazyLock;
use std::thread;

use metrics::counter;
use tokio::sync::watch;

/// A call in flight. Counts how it ends.
pub(crate) struct Call {
    tool: &'static str,
    ended: &'static str,
}

impl Call {
    pub(crate) fn start(tool: &'static str) -> Self {
        let ended = "dropped";
        let call = Self { tool, ended };
        call.count("started");
        call
    }

    pub(crate) fn end(mut self) {
        self.ended = "returned";
    }

    pub(crate) fn count(&self, event: &'static str) {
        counter!("test_calls_total", "tool" => self.tool, "event" => event).increment(1);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let panicked = thread::panicking();
        self.count(if panicked { "panicked" } else { self.ended });
    }
}

static RELEASED: LazyLock<watch::Sender<u32>> = LazyLock::new(|| watch::Sender::new(0));

/// Returns a future that ends at the next [`release`] after this call.
pub(crate) fn released() -> impl Future<Output = ()> {
    let mut receiver = RELEASED.subscribe();
    async move {
        // The sender is never dropped.
        let _ = receiver.changed().await;
    }
}

/// Ends all calls that wait.
pub(crate) fn release() {
    RELEASED.send_modify(|releases| *releases += 1);
}
