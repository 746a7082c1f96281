//! Bodies of responses: unchanged, and aborted only if the client leaves before their end.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use axum::body::Bytes;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body::{Body, Frame, SizeHint};
use mcp_metrics::mcp::{AuthFailure, McpHttpBody, McpHttpLayer};
use mcp_metrics::testing::{Recording, record};
use tower_layer::Layer as _;
use tower_service::Service;

/// What a body returns when it is polled.
#[derive(Clone, Copy)]
enum Step {
    Data(&'static str),
    Trailers,
    Pending,
    Error,
    Panic,
}
use Step::{Data, Error, Panic, Pending, Trailers};

/// A body that returns these steps, and then ends.
struct Steps {
    steps: VecDeque<Step>,
    /// Whether the body has a size hint, and reports its end without another poll.
    is_exact: bool,
}

impl Body for Steps {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(match self.steps.pop_front() {
            None => None,
            Some(Data(text)) => Some(Ok(Frame::data(text.into()))),
            Some(Trailers) => Some(Ok(Frame::trailers(HeaderMap::default()))),
            Some(Pending) => return Poll::Pending,
            Some(Error) => Some(Err("broken")),
            Some(Panic) => std::panic::panic_any(mcp_metrics_tests::PROVOKED),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.is_exact && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let lengths = self.steps.iter().map(|step| match step {
            Data(text) => text.len() as u64,
            _ => 0,
        });
        if self.is_exact {
            SizeHint::with_exact(lengths.sum())
        } else {
            SizeHint::default()
        }
    }
}

/// A service that returns one response.
struct Once(Option<Response<Steps>>);

impl Service<Request<()>> for Once {
    type Response = Response<Steps>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Steps>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(self.0.take().expect("one request")))
    }
}

/// A response, and the request that it answers.
struct Exchange {
    method: Method,
    response: Response<Steps>,
}

impl Exchange {
    fn new(steps: &[Step]) -> Self {
        let steps = steps.iter().copied().collect();
        let is_exact = false;
        Self {
            method: Method::POST,
            response: Response::new(Steps { steps, is_exact }),
        }
    }

    fn exact(mut self) -> Self {
        self.response.body_mut().is_exact = true;
        self
    }

    fn status(mut self, status: StatusCode) -> Self {
        *self.response.status_mut() = status;
        self
    }

    fn length(mut self, length: u32) -> Self {
        let headers = self.response.headers_mut();
        headers.insert(CONTENT_LENGTH, length.into());
        self
    }

    fn content_type(mut self, value: &'static str) -> Self {
        let value = value.parse().expect("a header");
        self.response.headers_mut().insert(CONTENT_TYPE, value);
        self
    }

    fn head(mut self) -> Self {
        self.method = Method::HEAD;
        self
    }

    /// Returns the response of the layer.
    fn run(self) -> Response<McpHttpBody<Steps>> {
        let request = Request::builder().method(self.method).body(());
        let request = request.expect("a request");
        let mut service = McpHttpLayer::new().layer(Once(Some(self.response)));
        let future = pin!(service.call(request));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => response,
            Poll::Pending => panic!("the service is ready"),
        }
    }

    /// Polls the body so often, and drops it.
    #[track_caller]
    fn assert(self, polls: usize, is_aborted: bool) {
        mcp_metrics_tests::quiet_panics();
        let ((), metrics) = record(|| {
            let mut body = self.run().into_body();
            for _ in 0..polls {
                // A server drops a body after a panic, too.
                let _ = catch_unwind(AssertUnwindSafe(|| poll(&mut body).is_ready()));
            }
        });
        let aborted = metrics.counter("mcp_http_aborted_responses_total", &[]);
        assert_eq!(aborted, u64::from(is_aborted), "{metrics}");
        assert_eq!(metrics.counter("mcp_http_responses_total", &[]), 1);
    }
}

type Polled<B> = Poll<Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>>;

fn poll<B: Body + Unpin>(body: &mut B) -> Polled<B> {
    Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn body_is_unchanged() {
    let steps = [Data("ab"), Pending, Data("c"), Trailers, Error];
    for is_exact in [false, true] {
        let new = || {
            let mut exchange = Exchange::new(&steps).status(StatusCode::UNAUTHORIZED);
            exchange.response.body_mut().is_exact = is_exact;
            let response = &mut exchange.response;
            response.extensions_mut().insert(AuthFailure("kept"));
            *response.version_mut() = Version::HTTP_2;
            exchange.content_type("text/event-stream").length(7)
        };
        let (mut expected, mut actual) = (new().response, new().run());
        assert_eq!(actual.status(), expected.status());
        assert_eq!(actual.version(), expected.version());
        assert_eq!(actual.extensions().get(), Some(&AuthFailure("kept")));
        assert_eq!(actual.headers(), expected.headers());
        for _ in 0..=steps.len() {
            let (expected, actual) = (expected.body_mut(), actual.body_mut());
            assert_eq!(actual.is_end_stream(), expected.is_end_stream());
            let hints = [actual.size_hint(), expected.size_hint()].map(|hint| hint.exact());
            assert_eq!(hints[0], hints[1]);
            assert_eq!(
                format!("{:?}", poll(actual)),
                format!("{:?}", poll(expected))
            );
        }
    }
}

#[test]
fn dropped_body_is_aborted_unless_it_has_ended() {
    let two = || Exchange::new(&[Data("ab"), Data("c")]);
    two().assert(0, true);
    two().assert(1, true);
    two().assert(2, true);
    two().assert(3, false);
    Exchange::new(&[]).assert(0, true);
    Exchange::new(&[]).assert(1, false);
    Exchange::new(&[Data("ab"), Pending]).assert(2, true);
    Exchange::new(&[Data("ab"), Trailers]).assert(2, true);
    Exchange::new(&[Data("ab"), Trailers]).assert(3, false);
}

#[test]
fn body_that_fails_or_panics_is_not_aborted() {
    Exchange::new(&[Data("ab"), Error]).assert(2, false);
    Exchange::new(&[Data("ab"), Panic]).assert(2, false);
}

#[test]
fn body_of_known_length_ends_with_its_last_byte() {
    let two = || Exchange::new(&[Data("ab"), Data("c")]);
    two().exact().assert(0, true);
    two().exact().assert(1, true);
    two().exact().assert(2, false);
    two().length(3).assert(1, true);
    two().length(3).assert(2, false);
    Exchange::new(&[]).exact().assert(0, false);
    Exchange::new(&[]).length(0).assert(0, false);
}

#[test]
fn body_that_is_not_sent_is_not_aborted() {
    let body = || Exchange::new(&[Data("ab")]);
    body().head().assert(0, false);
    body().status(StatusCode::NO_CONTENT).assert(0, false);
    body().status(StatusCode::NOT_MODIFIED).assert(0, false);
    body()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .assert(0, false);
    body().status(StatusCode::CREATED).assert(0, true);
}

#[test]
fn event_stream_is_open_until_its_end_or_drop() {
    let metrics = Recording::new();
    let open = || metrics.gauge("mcp_http_open_streams", &[]);
    metrics.run(|| {
        let stream = || Exchange::new(&[Data("a"), Pending]).content_type("text/event-stream");
        let mut first = stream().run().into_body();
        let second = stream()
            .content_type("Text/Event-Stream ; charset=utf-8")
            .run();
        assert_eq!(open(), Some(2.0));
        let _ = (poll(&mut first), poll(&mut first));
        assert_eq!(open(), Some(2.0));
        assert!(matches!(poll(&mut first), Poll::Ready(None)));
        assert_eq!(open(), Some(1.0), "the first stream has ended");
        drop(second);
        assert_eq!(open(), Some(0.0), "the second stream is dropped");
        drop(first);
        assert_eq!(open(), Some(0.0));

        let others = ["text/event-streams", "text/plain", "application/json"];
        let others = others.map(|content_type| stream().content_type(content_type).run());
        let head = stream().head().run();
        let ended = Exchange::new(&[]).exact().content_type("text/event-stream");
        let ended = ended.run();
        assert_eq!(open(), Some(0.0));
        drop((others, head, ended));
        assert_eq!(open(), Some(0.0));
    });
}
