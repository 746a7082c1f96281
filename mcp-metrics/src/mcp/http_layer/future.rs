//! The future of a response.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::{ABORTED_RESPONSES, HttpRequest, McpHttpBody};
use crate::mcp::record;

pin_project! {
    /// The future of a response of [`McpHttp`](super::McpHttp).
    #[derive(Debug)]
    pub struct McpHttpFuture<F> {
        #[pin]
        response: F,
        request: HttpRequest,
        // Whether there is a response, an error or a panic. Otherwise the drop is an abort.
        finished: bool,
    }

    impl<F> PinnedDrop for McpHttpFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if !this.finished {
                record::increment(&ABORTED_RESPONSES);
            }
        }
    }
}

impl<F> McpHttpFuture<F> {
    pub(in crate::mcp) const fn new(request: HttpRequest, response: F) -> Self {
        Self {
            response,
            request,
            finished: false,
        }
    }
}

impl<F, B, E> Future for McpHttpFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<McpHttpBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Before the poll, which may panic.
        *this.finished = true;
        let polled = this.response.poll(cx);
        *this.finished = polled.is_ready();
        let request = *this.request;
        polled.map_ok(|response| {
            request.count(&response);
            McpHttpBody::wrap(response, request)
        })
    }
}
