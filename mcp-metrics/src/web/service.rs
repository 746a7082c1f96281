//! The service.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::future::TrackedHead;
use super::{HttpLayer, ResponseBody, ResponseFuture};
use crate::http_message::HttpMethod;
use crate::instrument::request::{self as tracked, OnDrop};

/// A service that records the requests of the service `S`, created by [`HttpLayer`].
#[derive(Clone, Debug)]
pub struct HttpService<S> {
    inner: S,
    layer: HttpLayer,
}

impl<S> HttpService<S> {
    pub(super) const fn new(inner: S, layer: HttpLayer) -> Self {
        Self { inner, layer }
    }
}

impl<S, B, R> Service<Request<B>> for HttpService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let method = HttpMethod::of(request.method());
        let (labels, request) = self.layer.routes.labels(method, request);
        let Some(labels) = labels else {
            return ResponseFuture::new(self.inner.call(request), None);
        };
        let mut tracked = TrackedHead {
            request: tracked::Request::of(labels, OnDrop::Cancel),
            method,
            rules: Arc::clone(&self.layer.outcomes),
        };
        let guard = tracked.request.poll_guard();
        let response = self.inner.call(request);
        guard.disarm();
        ResponseFuture::new(response, Some(tracked))
    }
}
