//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::{Body, Frame, SizeHint};
use metrics::{Gauge, Key};
use pin_project_lite::pin_project;

use super::{ABORTED_RESPONSES, HttpRequest};
use crate::catalog::mcp::HTTP_OPEN_STREAMS;
use crate::http_message::{BodyProgress, is_event_stream};
use crate::mcp::record::{self, InFlight, Kept};

static OPEN_STREAMS: Kept<Gauge> = Kept::new(Key::from_static_name(HTTP_OPEN_STREAMS));

pin_project! {
    /// The body of a response of [`McpHttp`](super::McpHttp): the frames of the body `B`.
    pub struct McpHttpBody<B> {
        #[pin]
        body: B,
        // `None` if the body is not an event stream, or is finished.
        stream: Option<InFlight>,
        // Unless it has ended, the drop is an abort.
        progress: BodyProgress,
        // Whether only the client ends it, so that its drop is no abort.
        ends_with_client: bool,
    }

    impl<B> PinnedDrop for McpHttpBody<B> {
        fn drop(this: Pin<&mut Self>) {
            if !this.progress.has_ended() && !this.ends_with_client {
                record::increment(&ABORTED_RESPONSES);
            }
        }
    }
}

impl<B: Body> McpHttpBody<B> {
    /// Wraps the body of the response to a request.
    pub(super) fn wrap(response: Response<B>, request: HttpRequest) -> Response<Self> {
        let is_stream = is_event_stream(response.headers());
        let progress = BodyProgress::of(request.method, &response);
        let is_open = is_stream && !progress.has_ended() && record::is_enabled();
        response.map(|body| Self {
            body,
            stream: is_open.then(|| InFlight::start(&OPEN_STREAMS)),
            progress,
            ends_with_client: request.ends_with_client,
        })
    }
}

impl<B: Body> Body for McpHttpBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let polled = this.progress.poll_frame(this.body, cx);
        if this.progress.has_ended() {
            *this.stream = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> fmt::Debug for McpHttpBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpHttpBody")
            .field("is_open_stream", &self.stream.is_some())
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
