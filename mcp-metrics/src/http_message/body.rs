//! The bodies of responses.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body, Frame};

use super::HttpMethod;

const EVENT_STREAM: &[u8] = b"text/event-stream";

/// Returns whether these are the headers of a stream of server-sent events.
pub(crate) fn is_event_stream(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&[][..], |it| it.as_bytes());
    let essence = content_type.split(|byte| *byte == b';').next();
    essence.is_some_and(|it| it.trim_ascii().eq_ignore_ascii_case(EVENT_STREAM))
}

type PolledFrame<B> = Poll<Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>>;

/// How much of a response's body is left. A body that is dropped before its end was aborted.
#[derive(Debug)]
pub(crate) struct BodyProgress {
    /// The bytes that are left, if the length is known. Servers drop a body once they have sent
    /// its length, without a poll that returns its end.
    remaining: Option<u64>,
    /// Whether the body has ended, failed or panicked, or is not sent.
    ended: bool,
}

impl BodyProgress {
    /// Returns the progress of the body of a response to a request with this method.
    pub(crate) fn of<B: Body>(method: HttpMethod, response: &Response<B>) -> Self {
        let body = response.body();
        let remaining = length(response.headers()).or_else(|| body.size_hint().exact());
        let ended =
            !is_sent(method, response.status()) || body.is_end_stream() || remaining == Some(0);
        Self { remaining, ended }
    }

    /// Returns whether no more of the body is sent.
    pub(crate) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Polls the body. It has ended if this panics.
    pub(crate) fn poll_frame<B: Body>(
        &mut self,
        mut body: Pin<&mut B>,
        cx: &mut Context<'_>,
    ) -> PolledFrame<B> {
        // Before the poll, which may panic.
        let had_ended = std::mem::replace(&mut self.ended, true);
        let polled = body.as_mut().poll_frame(cx);
        self.ended = match &polled {
            Poll::Pending => had_ended,
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(remaining), Some(data)) = (&mut self.remaining, frame.data_ref()) {
                    *remaining = remaining.saturating_sub(data.remaining() as u64);
                }
                had_ended || self.remaining == Some(0) || body.is_end_stream()
            }
            Poll::Ready(None | Some(Err(_))) => true,
        };
        polled
    }
}

/// Returns whether a server sends the body of such a response. It drops other bodies.
fn is_sent(method: HttpMethod, status: StatusCode) -> bool {
    let is_tunnel = method == HttpMethod::CONNECT && status.is_success();
    let is_empty = status.is_informational()
        || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    method != HttpMethod::HEAD && !is_tunnel && !is_empty
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
