//! The future of a response.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::ResponseBody;
use super::outcome::OutcomeRules;
use crate::classify::type_label;
use crate::http_message::{BodyProgress, HttpMethod};
use crate::instrument::request::Request;

pin_project! {
    /// The future of a response of [`HttpService`](super::HttpService).
    pub struct ResponseFuture<F> {
        // Before the request, so that the future is dropped while the request is active.
        #[pin]
        response: F,
        // `None` if the request is excluded, or has a response.
        tracked: Option<TrackedHead>,
    }
}

/// A request that waits for the head of its response.
pub(super) struct TrackedHead {
    pub(super) request: Request,
    pub(super) method: HttpMethod,
    pub(super) rules: Arc<OutcomeRules>,
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(response: F, tracked: Option<TrackedHead>) -> Self {
        Self { response, tracked }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(tracked) = this.tracked else {
            let polled = this.response.poll(cx);
            return polled.map_ok(|response| response.map(ResponseBody::untracked));
        };
        let guard = tracked.request.poll_guard();
        let response = match this.response.poll(cx) {
            Poll::Ready(Ok(response)) => response,
            Poll::Ready(Err(error)) => {
                guard.end(Some(type_label::<E>()));
                *this.tracked = None;
                return Poll::Ready(Err(error));
            }
            Poll::Pending => {
                guard.disarm();
                return Poll::Pending;
            }
        };
        // The guard records a panic of the rules.
        let (outcome, response) = tracked.rules.judge(response);
        let progress = BodyProgress::of(tracked.method, &response);
        let ends = tracked.rules.end_at_headers || progress.has_ended();
        if ends {
            guard.end(outcome.failure);
            *this.tracked = None;
            return Poll::Ready(Ok(response.map(ResponseBody::untracked)));
        }
        guard.disarm();
        Poll::Ready(Ok(match this.tracked.take() {
            Some(TrackedHead { request, .. }) => {
                response.map(|body| ResponseBody::tracked(body, request, progress, outcome))
            }
            None => response.map(ResponseBody::untracked),
        }))
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = self.tracked.as_ref().map(|tracked| &tracked.request);
        f.debug_struct("ResponseFuture")
            .field("request", &request)
            .finish_non_exhaustive()
    }
}
