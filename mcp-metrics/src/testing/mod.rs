//! Captures the metrics that a closure or a future records, for unit tests.
//!
//! [`record`] runs a closure under a recorder of its own, and [`record_async`] a future. Both
//! return a [`Recording`] with queries for counters, gauges and histograms. No exporter needs to be
//! installed, and an installed one does not see the recorded metrics. Tests that run in parallel
//! are isolated from each other.
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
//! # Mistyped names
//!
//! A query panics if its family has the prefix of this crate's families, such as `mcp_hub_`, and is
//! unknown, has another kind or lacks a label of the query, so that a mistyped name does not look
//! like a zero. The message has the nearest name:
//!
//! ```text
//! unknown family `mcp_hub_request_total`; did you mean `mcp_hub_requests_total`?
//! ```
//!
//! Any other name may be a metric that was not recorded, and counts as zero. If it is similar to a
//! recorded name, a note is printed to standard error, which `cargo test` shows if the test fails.
//!
//! # Scope of a recording
//!
//! The recorder is current on the thread that runs the closure or polls the future. Spawned threads
//! and tasks do not inherit it: clone the [`Recording`] and move it there.
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
//! Tasks of a current-thread runtime are recorded if [`record`] runs the whole runtime, as in
//! `record(|| runtime.block_on(future))`.
//!
//! What other threads and tasks record is lost. Messages of failed assertions count it and name
//! what was lost, as [`Recording::lost`] does. It is a hint: another test of the process may have
//! recorded it.
//!
//! A request must end in the recording in which it started: if a guard from `start` is moved out of
//! the recording, its failure is not counted. A handle of the `metrics` crate that was registered
//! earlier, for example in a `static`, keeps recording under the recorder that registered it.

mod assertions;
mod check;
mod collect;
mod future;
mod hints;
mod lost;
mod nearest;
mod query;
mod requests;

use std::fmt;
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use crate::catalog;
use crate::encode::Prometheus;
use crate::exporter::Exporter;
use crate::recorder::MetricsRecorder;
use collect::Collected;
use hints::Hints;
pub use lost::Lost;
pub use query::Observations;
pub use requests::Requests;

/// Runs `body` under a recorder of its own. Returns its value and the recording.
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

/// Runs `future` under a recorder of its own. Returns its output and the recording.
///
/// The future may run on any runtime and move between threads. Tasks that it spawns are not
/// recorded. Code that a function runs before it returns the future is not recorded either, unless
/// the call is in an `async` block.
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

/// An isolated set of metrics, to record into and to query.
///
/// [`record`] and [`record_async`] create a recording and use it once. A recording that is created
/// beforehand can be queried at any time and can record more than once. It outlives code that
/// panics or is dropped. Clones share their metrics.
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
    /// A failed request is counted only if the current recorder has the same address as at the
    /// start. In an `Arc`, the address stays the same if the recording or its futures move.
    recorder: Arc<MetricsRecorder>,
    hints: Arc<Hints>,
}

impl Recording {
    /// Creates an empty recording.
    #[must_use]
    pub fn new() -> Self {
        Self::with_namespace(catalog::NAMESPACE)
    }

    /// Creates an empty recording of a program whose exporter has this
    /// [namespace](crate::ExporterBuilder::namespace). It renders the hub's metrics under the names
    /// that this exporter prints. Queries accept these names and those of the [catalogue](catalog).
    ///
    /// ```
    /// use mcp_metrics::{testing::Recording, track_search_call};
    ///
    /// let metrics = Recording::with_namespace("acme");
    /// metrics.run(track_search_call);
    /// assert_eq!(metrics.counter("acme_search_api_calls_total", &[]), 1);
    /// assert!(metrics.render().contains("\nacme_search_api_calls_total 1\n"));
    /// ```
    ///
    /// # Panics
    ///
    /// If the namespace is invalid.
    #[must_use]
    #[track_caller]
    pub fn with_namespace(namespace: &str) -> Self {
        let builder = Exporter::builder().namespace(namespace);
        let builder = builder.without_system_metrics();
        #[cfg(feature = "process")]
        let builder = builder.without_process_metrics();
        match builder.build() {
            Ok((recorder, _)) => Self {
                recorder: Arc::new(recorder),
                hints: Arc::new(Hints::new()),
            },
            Err(error) => panic!("{error}"),
        }
    }

    /// Runs `body` and records what it does on this thread.
    ///
    /// ```
    /// use mcp_metrics::{CacheAccess, testing::Recording, track_cache_access};
    ///
    /// let metrics = Recording::new();
    /// metrics.run(|| track_cache_access("llm", CacheAccess::Miss));
    /// metrics.run(|| track_cache_access("llm", CacheAccess::Hit));
    /// assert_eq!(metrics.counter("mcp_hub_cache_hits_total", &[("cache_type", "llm")]), 1);
    /// assert_eq!(metrics.counter("mcp_hub_cache_misses_total", &[("cache_type", "llm")]), 1);
    /// ```
    pub fn run<T>(&self, body: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&*self.recorder, body)
    }

    /// Wraps `future` to record what it does when it is polled and dropped.
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

    /// Renders all recorded metrics in Prometheus' text format.
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
    /// Takes a snapshot of all recorded metrics.
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

// Metrics have no invariants that a panic could break, and tests query them after a panic.
impl UnwindSafe for Recording {}
impl RefUnwindSafe for Recording {}

/// Formats the series with their values for assertion messages: one per line, without the buckets
/// of histograms.
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
