//! What a closure or a future records, for unit tests.
//!
//! [`record`] runs a closure under a recorder of its own, [`record_async`] a future, and the
//! [`Recording`] then answers for counters, gauges and histograms. No exporter need be installed,
//! none that is gets to see what is recorded, and tests that run in parallel don't see each other.
//!
//! ```
//! use mcp_metrics::{testing, tracked};
//!
//! #[tracked("web_search", "search")]
//! fn search(query: &str) -> Result<usize, std::num::ParseIntError> {
//!     mcp_metrics::track_search_call();
//!     query.parse()
//! }
//!
//! let (found, metrics) = testing::record(|| search("42"));
//! assert_eq!(found, Ok(42));
//! assert_eq!(metrics.requests("web_search", "search").success, 1);
//! assert_eq!(metrics.counter("mcp_hub_search_api_calls_total", &[]), 1, "{metrics}");
//!
//! let (_, metrics) = testing::record(|| search("forty-two"));
//! metrics.requests("web_search", "search").assert(0, &[("ParseIntError", 1)]);
//! ```
//!
//! # What is recorded where
//!
//! A recorder belongs to the thread that runs the closure or polls the future. Threads and tasks
//! that are spawned on the way record elsewhere, unless what they do is recorded too: a
//! [`Recording`] can be cloned and moved there.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! use mcp_metrics::testing::Recording;
//! use mcp_metrics::track_request;
//!
//! let metrics = Recording::new();
//! let hub = metrics.run_async({
//!     let metrics = metrics.clone();
//!     async move {
//!         let agent = track_request("planner", "plan").run_async(async { 42 });
//!         tokio::spawn(metrics.run_async(agent)).await
//!     }
//! });
//! assert_eq!(hub.await.unwrap(), 42);
//! assert_eq!(metrics.requests("planner", "plan").success, 1);
//! # }
//! ```
//!
//! A request belongs where it starts, and is to end there: a guard from `start` that is taken out
//! of the recording ends without its outcome. A handle of the `metrics` crate that the program took
//! before, and keeps in a `static` say, goes on recording where it was taken.

mod collect;
mod future;
mod query;
mod requests;

use std::fmt;
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use crate::encode::Prometheus;
use crate::exporter::Exporter;
use crate::recorder::MetricsRecorder;
use collect::Collected;
pub use query::Observations;
pub use requests::Requests;

/// Runs `body` under a recorder of its own; returns its value and what it recorded.
///
/// ```
/// use mcp_metrics::testing;
///
/// let ((), metrics) = testing::record(|| mcp_metrics::track_llm_call("openai", "gpt-4"));
/// assert_eq!(metrics.counter("mcp_hub_llm_api_calls_total", &[("provider", "openai")]), 1);
/// ```
pub fn record<T>(body: impl FnOnce() -> T) -> (T, Recording) {
    let recording = Recording::new();
    (recording.run(body), recording)
}

/// Runs `future` under a recorder of its own; returns its value and what it recorded. It may run
/// on any runtime and move between threads. What it spawns is not covered, nor is what a function
/// does before it returns the future: put the call in an `async` block.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use mcp_metrics::{testing, tracked};
///
/// #[tracked("planner", "plan")]
/// async fn plan() -> Result<u8, std::io::Error> {
///     tokio::task::yield_now().await;
///     Err(std::io::ErrorKind::TimedOut.into())
/// }
///
/// let (result, metrics) = testing::record_async(plan()).await;
/// assert!(result.is_err());
/// metrics.requests("planner", "plan").assert(0, &[("TimedOut", 1)]);
/// # }
/// ```
pub async fn record_async<F: Future>(future: F) -> (F::Output, Recording) {
    let recording = Recording::new();
    (recording.run_async(future).await, recording)
}

/// Metrics apart from all others, to record into and to ask.
///
/// [`record`] and [`record_async`] make one and use it once. One that is made first can be asked
/// on the way, can record more than once, and is still there when what it records panics or is
/// dropped. Clones share their metrics.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::future::pending;
/// use std::time::Duration;
/// use mcp_metrics::testing::Recording;
/// use mcp_metrics::track_request;
///
/// let metrics = Recording::new();
/// let stuck = metrics.run_async(track_request("planner", "plan").run_async(pending::<()>()));
/// assert!(tokio::time::timeout(Duration::from_millis(1), stuck).await.is_err());
/// metrics.requests("planner", "plan").assert(0, &[("cancelled", 1)]);
/// # }
/// ```
#[derive(Clone)]
pub struct Recording {
    /// A request that fails is counted if the recorder is at the address where the request has
    /// started; here it stays, however the recording and its futures move.
    recorder: Arc<MetricsRecorder>,
}

impl Recording {
    /// A recording of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let builder = Exporter::builder().without_system_metrics();
        #[cfg(feature = "process")]
        let builder = builder.without_process_metrics();
        let (recorder, _) = builder
            .build()
            .unwrap_or_else(|error| unreachable!("the defaults can be built: {error}"));
        Self {
            recorder: Arc::new(recorder),
        }
    }

    /// Runs `body` and records what it does on this thread.
    ///
    /// ```
    /// use mcp_metrics::{testing::Recording, track_cache_access};
    ///
    /// let metrics = Recording::new();
    /// metrics.run(|| track_cache_access("llm", false));
    /// metrics.run(|| track_cache_access("llm", true));
    /// assert_eq!(metrics.counter("mcp_hub_cache_hits_total", &[("cache_type", "llm")]), 1);
    /// assert_eq!(metrics.counter("mcp_hub_cache_misses_total", &[("cache_type", "llm")]), 1);
    /// ```
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&*self.recorder, body)
    }

    /// Records what `future` does whenever it is polled, and when it is dropped.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use mcp_metrics::testing::Recording;
    ///
    /// let metrics = Recording::new();
    /// metrics.run_async(async { mcp_metrics::track_search_call() }).await;
    /// assert_eq!(metrics.counter("mcp_hub_search_api_calls_total", &[]), 1);
    /// # }
    /// ```
    pub fn run_async<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        future::Recorded::new(self.clone(), future)
    }

    /// All that was recorded, in Prometheus' text format.
    ///
    /// ```
    /// let ((), metrics) = mcp_metrics::testing::record(mcp_metrics::track_search_call);
    /// assert!(metrics.render().contains("\nmcp_hub_search_api_calls_total 1\n"));
    /// ```
    #[must_use]
    pub fn render(&self) -> String {
        self.recorder.render::<Prometheus>()
    }
}

impl Recording {
    /// Takes a snapshot of all that was recorded.
    fn collect(&self) -> Collected {
        let mut collected = Collected::default();
        self.recorder.encode(&mut collected);
        collected
    }
}

impl Default for Recording {
    fn default() -> Self {
        Self::new()
    }
}

// Metrics are counters: a panic between two of them leaves nothing broken, and tests look at what
// a panic has left.
impl UnwindSafe for Recording {}
impl RefUnwindSafe for Recording {}

/// The series with their values, one a line, without the buckets of histograms: for the messages
/// of assertions.
///
/// ```
/// let ((), metrics) = mcp_metrics::testing::record(|| mcp_metrics::track_llm_call("a", "b"));
/// let line = r#"mcp_hub_llm_api_calls_total{provider="a",model="b"} 1"#;
/// assert!(metrics.to_string().lines().any(|l| l == line), "{metrics}");
/// ```
impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.collect().fmt(f)
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.to_string().lines()).finish()
    }
}
