//! Services that return one prepared response, and their recorded requests.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use axum::body::Bytes;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use mcp_metrics::testing::record;
use mcp_metrics::web::{HttpLayer, ResponseBody};
use tower_layer::Layer as _;
use tower_service::Service;

/// What a body returns when it is polled.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Data(&'static str),
    Trailers,
    Pending,
    Error,
    Panic,
}

/// An error of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// A body that returns these steps, and then ends.
pub(super) struct Steps {
    steps: VecDeque<Step>,
    /// Whether the body has a size hint, and reports its end without another poll.
    is_exact: bool,
}

impl Body for Steps {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        Poll::Ready(match self.steps.pop_front() {
            None => None,
            Some(Step::Data(text)) => Some(Ok(Frame::data(text.into()))),
            Some(Step::Trailers) => Some(Ok(Frame::trailers(HeaderMap::default()))),
            Some(Step::Pending) => return Poll::Pending,
            Some(Step::Error) => Some(Err(Broken)),
            Some(Step::Panic) => std::panic::panic_any(mcp_metrics_tests::PROVOKED),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.is_exact && self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let lengths = self.steps.iter().map(|step| match step {
            Step::Data(text) => text.len() as u64,
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
pub(super) struct Exchange {
    layer: HttpLayer,
    method: Method,
    response: Response<Steps>,
}

impl Exchange {
    /// Creates the response to a `POST` request, with a body of these steps.
    pub(super) fn new(steps: &[Step]) -> Self {
        let steps = steps.iter().copied().collect();
        let is_exact = false;
        Self {
            layer: HttpLayer::new("service"),
            method: Method::POST,
            response: Response::new(Steps { steps, is_exact }),
        }
    }

    /// Applies options to the layer.
    pub(super) fn with(mut self, options: impl FnOnce(HttpLayer) -> HttpLayer) -> Self {
        self.layer = options(self.layer);
        self
    }

    /// Makes the body know its length and its end.
    pub(super) fn exact(mut self) -> Self {
        self.response.body_mut().is_exact = true;
        self
    }

    pub(super) fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub(super) fn status(mut self, status: StatusCode) -> Self {
        *self.response.status_mut() = status;
        self
    }

    pub(super) fn length(mut self, length: u32) -> Self {
        let headers = self.response.headers_mut();
        headers.insert(CONTENT_LENGTH, length.into());
        self
    }

    pub(super) fn content_type(mut self, value: &'static str) -> Self {
        let value = value.parse().expect("a header");
        self.response.headers_mut().insert(CONTENT_TYPE, value);
        self
    }

    /// Adds an extension to the response.
    pub(super) fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.response.extensions_mut().insert(value);
        self
    }

    /// Returns the response that the service has prepared.
    pub(super) fn prepared(self) -> Response<Steps> {
        self.response
    }

    /// Returns the response of the layer.
    pub(super) fn run(self) -> Response<ResponseBody<Steps>> {
        let request = Request::builder().method(self.method).body(());
        let request = request.expect("a request");
        let mut service = self.layer.layer(Once(Some(self.response)));
        let future = pin!(service.call(request));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => response,
            Poll::Pending => panic!("the service is ready"),
        }
    }

    /// Polls the body this number of times, and drops it. Asserts that the request is in flight
    /// before the drop or not, and succeeds or fails with this label.
    #[track_caller]
    pub(super) fn assert(self, polls: usize, in_flight: bool, failure: Option<&str>) {
        mcp_metrics_tests::quiet_panics();
        let (body, metrics) = record(|| {
            let mut body = self.run().into_body();
            for _ in 0..polls {
                // A server drops a body after a panic, too.
                let _ = catch_unwind(AssertUnwindSafe(|| poll(&mut body).is_ready()));
            }
            body
        });
        let active = metrics.requests("service", "unmatched").active;
        assert_eq!(active, u64::from(in_flight), "{metrics}");
        metrics.run(|| drop(body));
        let requests = metrics.requests("service", "unmatched");
        match failure {
            None => requests.assert(1, &[]),
            Some(label) => requests.assert(0, &[(label, 1)]),
        }
    }
}

type Polled<B> = Poll<Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>>;

pub(super) fn poll<B: Body + Unpin>(body: &mut B) -> Polled<B> {
    Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
}
