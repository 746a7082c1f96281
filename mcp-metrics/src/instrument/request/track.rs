//! Requests in places where no attribute fits.

use std::borrow::Cow;
use std::future::Future;

use metrics::SharedString;

use super::future::{Dynamic, Tracked};
use super::{OnDrop, Request};
use crate::classify::Outcome;
use crate::request_labels::RequestLabels;

/// Creates a request of `operation` by `agent`, for code that an attribute cannot track.
///
/// ```
/// use mcp_metrics::track_request;
///
/// let sum = track_request("calculator", "add").run(|| 2 + 2);
/// assert_eq!(sum, 4);
///
/// let parsed = track_request("calculator", "parse").run(|| "four".parse::<i32>());
/// assert!(parsed.is_err()); // counted as failed, `error_type="ParseIntError"`
/// ```
pub fn track_request(
    agent: impl Into<SharedString>,
    operation: impl Into<SharedString>,
) -> TrackRequest {
    TrackRequest {
        labels: RequestLabels::new(agent.into(), operation.into()),
    }
}

/// A request that has not started, from [`track_request`].
#[derive(Clone, Debug)]
#[must_use = "nothing is recorded before `run`, `run_async` or `start`"]
pub struct TrackRequest {
    labels: RequestLabels,
}

impl TrackRequest {
    /// Starts the request and returns it. The caller ends it.
    pub fn start(self) -> Request {
        Request::of(self.labels, OnDrop::DetectPanic)
    }

    /// Runs `body` as the request and returns its value. An `Err` is a failure, and so is a panic,
    /// which is not caught.
    pub fn run<T: Outcome>(self, body: impl FnOnce() -> T) -> T {
        self.run_with(body, Outcome::failure)
    }

    /// Runs `body` as the request, like [`run`](Self::run). The value is a failure if `failure`
    /// returns an `error_type`.
    ///
    /// ```
    /// use mcp_metrics::track_request;
    ///
    /// struct Score(f64);
    ///
    /// let score = track_request("judge", "score")
    ///     .run_with(|| Score(0.2), |score| (score.0 < 0.5).then(|| "LowScore".into()));
    /// assert_eq!(score.0, 0.2);
    /// ```
    pub fn run_with<T>(
        self,
        body: impl FnOnce() -> T,
        failure: impl FnOnce(&T) -> Option<Cow<'static, str>>,
    ) -> T {
        let mut request = Request::of(self.labels, OnDrop::Panic);
        let value = body();
        request.close(failure(&value));
        value
    }

    /// Runs `future` as the request and returns its output. The request starts at the first poll.
    /// If the future is dropped before it is ready, the request counts as cancelled.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use mcp_metrics::track_request;
    ///
    /// let answer = track_request("oracle", "ask").run_async(async { 42 }).await;
    /// assert_eq!(answer, 42);
    /// # }
    /// ```
    pub async fn run_async<F>(self, future: F) -> F::Output
    where
        F: Future<Output: Outcome>,
    {
        self.run_async_with(future, Outcome::failure).await
    }

    /// Runs `future` as the request, like [`run_async`](Self::run_async). The output is a failure
    /// if `failure` returns an `error_type`.
    pub async fn run_async_with<F: Future>(
        self,
        future: F,
        failure: impl FnOnce(&F::Output) -> Option<Cow<'static, str>>,
    ) -> F::Output {
        Tracked::new(Dynamic(self.labels), future, failure).await
    }
}
