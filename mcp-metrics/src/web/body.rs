//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::outcome::HeadOutcome;
use crate::classify::type_label;
use crate::http_message::BodyProgress;
use crate::instrument::request::Request;

pin_project! {
    /// The body of a response of [`HttpService`](super::HttpService): the frames of the body `B`.
    pub struct ResponseBody<B> {
        // Before the request, so that the body is dropped while the request is active.
        #[pin]
        body: B,
        // `None` if the request is excluded, or has ended.
        tracked: Option<TrackedBody>,
    }
}

/// A request that ends with the body of its response. Its drop ends the request.
struct TrackedBody {
    request: Request,
    progress: BodyProgress,
    outcome: HeadOutcome,
}

impl Drop for TrackedBody {
    fn drop(&mut self) {
        let HeadOutcome {
            failure,
            ok_if_dropped,
        } = &mut self.outcome;
        let failure = failure.take();
        // Otherwise the request's drop records a cancellation.
        if failure.is_some() || *ok_if_dropped {
            self.request.close(failure);
        }
    }
}

impl<B> ResponseBody<B> {
    /// Returns the body of a request that is excluded, or has ended.
    pub(super) const fn untracked(body: B) -> Self {
        let tracked = None;
        Self { body, tracked }
    }

    /// Returns a body that ends its request.
    pub(super) const fn tracked(
        body: B,
        request: Request,
        progress: BodyProgress,
        outcome: HeadOutcome,
    ) -> Self {
        Self {
            body,
            tracked: Some(TrackedBody {
                request,
                progress,
                outcome,
            }),
        }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let Some(tracked) = this.tracked else {
            return this.body.poll_frame(cx);
        };
        let guard = tracked.request.poll_guard();
        let polled = tracked.progress.poll_frame(this.body, cx);
        if !tracked.progress.has_ended() {
            guard.disarm();
            return polled;
        }
        let failure = tracked.outcome.failure.take();
        let broken = matches!(polled, Poll::Ready(Some(Err(_))));
        guard.end(failure.or_else(|| broken.then(type_label::<B::Error>)));
        *this.tracked = None;
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Returns the body of a response that the layer does not record.
impl<B: Default> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::untracked(B::default())
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tracked = self.tracked.as_ref();
        f.debug_struct("ResponseBody")
            .field("request", &tracked.map(|tracked| &tracked.request))
            .field("progress", &tracked.map(|tracked| &tracked.progress))
            .finish_non_exhaustive()
    }
}
