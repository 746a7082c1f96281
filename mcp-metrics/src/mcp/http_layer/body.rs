//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Response};
use http_body::{Body, Frame, SizeHint};
use metrics::{Gauge, Key};
use pin_project_lite::pin_project;

use super::{ABORTED_RESPONSES, HttpRequest};
use crate::catalog::mcp::HTTP_OPEN_STREAMS;
use crate::mcp::record::{self, InFlight, Kept};

static OPEN_STREAMS: Kept<Gauge> = Kept::new(Key::from_static_name(HTTP_OPEN_STREAMS));

const EVENT_STREAM: &[u8] = b"text/event-stream";

pin_project! {
    /// The body of a response of [`McpHttp`](super::McpHttp): the frames of the body `B`.
    pub struct McpHttpBody<B> {
        #[pin]
        body: B,
        // `None` if the body is not an event stream, or is finished.
        stream: Option<InFlight>,
        // The bytes that are left, if the length is known. Servers drop a body once they have sent
        // its length, without a poll that returns its end.
        remaining: Option<u64>,
        // Whether the body has ended, failed or panicked. Otherwise the drop is an abort.
        finished: bool,
        // Whether only the client ends it, so that its drop is no abort.
        ends_with_client: bool,
    }

    impl<B> PinnedDrop for McpHttpBody<B> {
        fn drop(this: Pin<&mut Self>) {
            if !this.finished && !this.ends_with_client {
                record::increment(&ABORTED_RESPONSES);
            }
        }
    }
}

impl<B: Body> McpHttpBody<B> {
    /// Wraps the body of the response to a request.
    pub(super) fn wrap(response: Response<B>, request: HttpRequest) -> Response<Self> {
        let expects_body = request.expects_body(response.status());
        let is_stream = is_event_stream(response.headers());
        let length = length(response.headers());
        response.map(|body| {
            let remaining = length.or_else(|| body.size_hint().exact());
            let finished = !expects_body || body.is_end_stream() || remaining == Some(0);
            let is_open = is_stream && !finished && record::is_enabled();
            Self {
                body,
                stream: is_open.then(|| InFlight::start(&OPEN_STREAMS)),
                remaining,
                finished,
                ends_with_client: request.ends_with_client,
            }
        })
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&[][..], |it| it.as_bytes());
    let essence = content_type.split(|byte| *byte == b';').next();
    essence.is_some_and(|it| it.trim_ascii().eq_ignore_ascii_case(EVENT_STREAM))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl<B: Body> Body for McpHttpBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        // Before the poll, which may panic.
        let was_finished = std::mem::replace(this.finished, true);
        let polled = this.body.as_mut().poll_frame(cx);
        *this.finished = match &polled {
            Poll::Pending => was_finished,
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(remaining), Some(data)) = (this.remaining.as_mut(), frame.data_ref()) {
                    *remaining = remaining.saturating_sub(data.remaining() as u64);
                }
                was_finished || *this.remaining == Some(0) || this.body.is_end_stream()
            }
            Poll::Ready(None | Some(Err(_))) => true,
        };
        if *this.finished {
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
            .field("finished", &self.finished)
            .finish_non_exhaustive()
    }
}
