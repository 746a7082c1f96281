//! Requests that end with a stream.

use std::borrow::Cow;
use std::future::Future;

use futures_core::Stream;

use super::open::OpenStream;
use super::{Activity, ObservedStream, StreamObserver};
use crate::instrument::request::{Labels, OnDrop, Request, Running};

/// The request of a stream.
///
/// The first item that is a failure determines the outcome. A stream without failures succeeds when
/// it ends. If it is dropped before, it counts as cancelled, or as successful with
/// [`ok_if_dropped`].
#[derive(Debug)]
pub struct StreamRequest<L: Labels, J> {
    running: Running<L>,
    /// The label of the first item that is a failure.
    failed: Option<Cow<'static, str>>,
    failure: J,
    ok_if_dropped: bool,
}

impl<L: Labels, J> StreamRequest<L, J> {
    const fn new(running: Running<L>, failure: J) -> Self {
        Self {
            running,
            failed: None,
            failure,
            ok_if_dropped: false,
        }
    }
}

impl<L: Labels, J> Activity for StreamRequest<L, J> {
    fn start(&mut self) {
        self.running.start();
    }

    fn panicked(&mut self) {
        self.running.panicked();
    }
}

impl<I, L, J> StreamObserver<I> for StreamRequest<L, J>
where
    L: Labels,
    J: FnMut(&I) -> Option<Cow<'static, str>>,
{
    fn item(&mut self, item: &I) {
        if self.failed.is_none() {
            self.failed = (self.failure)(item);
        }
    }

    fn end(&mut self) {
        let failed = self.failed.take();
        self.running.close(failed);
    }
}

impl<L: Labels, J> Drop for StreamRequest<L, J> {
    fn drop(&mut self) {
        let failed = self.failed.take();
        // A consumer that panics has not decided to stop.
        if failed.is_some() || (self.ok_if_dropped && !self.running.is_unwinding()) {
            self.running.close(failed);
        }
    }
}

/// Tracks a stream as one request, which fails if `failure` returns an `error_type` for an item.
pub const fn stream_request<L, S, J>(
    labels: L,
    stream: S,
    failure: J,
) -> ObservedStream<S, StreamRequest<L, J>>
where
    L: Labels,
    S: Stream,
    J: FnMut(&S::Item) -> Option<Cow<'static, str>>,
{
    ObservedStream::new(stream, StreamRequest::new(Running::new(labels), failure))
}

/// Returns a stream whose request succeeds if the stream is dropped before its end, unless an item
/// failed or the consumer panics.
pub const fn ok_if_dropped<S, L: Labels, J>(
    mut stream: ObservedStream<S, StreamRequest<L, J>>,
) -> ObservedStream<S, StreamRequest<L, J>> {
    stream.observer.ok_if_dropped = true;
    stream
}

/// The labels of a request that has started.
#[derive(Debug)]
pub enum HandedOver {}

impl Labels for HandedOver {
    fn start(self, _: OnDrop) -> Request {
        match self {}
    }
}

/// A request of a function whose value may contain a stream.
#[derive(Debug)]
pub struct OpeningRequest<L>(Running<L>);

impl<L: Labels> Activity for OpeningRequest<L> {
    fn start(&mut self) {
        self.0.start();
    }

    fn panicked(&mut self) {
        self.0.panicked();
    }
}

/// Runs a future as a request, which `map` [hands over](hand_over) to the stream in the output.
#[inline]
pub const fn open_stream<L, F, M, T>(
    labels: L,
    future: F,
    map: M,
) -> OpenStream<F, OpeningRequest<L>, M>
where
    L: Labels,
    F: Future,
    M: FnOnce(&mut OpeningRequest<L>, F::Output) -> T,
{
    OpenStream::new(future, OpeningRequest(Running::new(labels)), map)
}

/// Starts a request of a function that is not `async`. Only a panic can drop the request before it is
/// [handed over](hand_over).
#[inline]
pub fn begin_stream(labels: impl Labels) -> OpeningRequest<HandedOver> {
    OpeningRequest(Running::Started(labels.start(OnDrop::Panic)))
}

/// Hands a request over to the stream in a function's value, or ends it as failed if there is a
/// `failure`.
///
/// `map` returns the value with the stream that [`Handover::stream`] returns in place of the original
/// one. A value without a stream ends the request as successful.
pub fn hand_over<L, V, T>(
    request: &mut OpeningRequest<L>,
    value: V,
    failure: Option<Cow<'static, str>>,
    map: impl FnOnce(V, &mut Handover) -> T,
) -> T {
    let mut handover = Handover(request.0.take());
    if failure.is_some() {
        handover.close(failure);
    }
    let value = map(value, &mut handover);
    handover.close(None);
    value
}

/// A request that a stream takes over from the function that returns it.
#[derive(Debug)]
pub struct Handover(Option<Request>);

impl Handover {
    /// Ends the request with the stream.
    pub fn stream<S, J>(
        &mut self,
        stream: S,
        failure: J,
    ) -> ObservedStream<S, StreamRequest<HandedOver, J>>
    where
        S: Stream,
        J: FnMut(&S::Item) -> Option<Cow<'static, str>>,
    {
        let running = self.0.take().map_or(Running::Done, |request| {
            Running::Started(request.cancelled_on_drop())
        });
        ObservedStream::new(stream, StreamRequest::new(running, failure))
    }

    fn close(&mut self, failure: Option<Cow<'static, str>>) {
        if let Some(mut request) = self.0.take() {
            request.close(failure);
        }
    }
}
