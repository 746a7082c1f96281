//! Requests that end with a stream.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;

use futures_core::Stream;

use super::open::OpenStream;
use super::{Activity, ObservedStream, StreamObserver};
use crate::instrument::in_flight::{InFlight, Labels, Outcome};
use crate::instrument::request::{OnDrop, Running};

/// Reads what an item of a stream shows about its outcome.
pub trait ReadItem<I> {
    /// What an item shows.
    type Outcome;

    /// Reads an item.
    fn read(&mut self, item: &I) -> Self::Outcome;
}

impl<I, O, F: FnMut(&I) -> O> ReadItem<I> for F {
    type Outcome = O;

    fn read(&mut self, item: &I) -> O {
        self(item)
    }
}

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
    outcome: J,
    ok_if_dropped: bool,
}

impl<L: Labels, J> StreamRequest<L, J> {
    const fn new(running: Running<L>, outcome: J) -> Self {
        Self {
            running,
            failed: None,
            outcome,
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
    J: ReadItem<I, Outcome = Outcome<L>>,
{
    fn item(&mut self, item: &I) {
        if self.failed.is_none() {
            self.failed = self.running.item(self.outcome.read(item));
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

/// Tracks a stream as one request, whose outcome `outcome` reads from the items.
pub const fn stream_request<L, S, J>(
    labels: L,
    stream: S,
    outcome: J,
) -> ObservedStream<S, StreamRequest<L, J>>
where
    L: Labels,
    S: Stream,
    J: FnMut(&S::Item) -> Outcome<L>,
{
    ObservedStream::new(stream, StreamRequest::new(Running::new(labels), outcome))
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
pub struct HandedOver<R>(Infallible, PhantomData<R>);

impl<R: InFlight> Labels for HandedOver<R> {
    type Started = R;

    fn start(self, _: OnDrop) -> R {
        match self.0 {}
    }
}

/// Ends a request that has started with a stream.
pub(crate) fn hand_over_to<R, S, J>(
    request: R,
    stream: S,
    outcome: J,
) -> ObservedStream<S, StreamRequest<HandedOver<R>, J>>
where
    R: InFlight,
{
    ObservedStream::new(stream, StreamRequest::new(handed_over(request), outcome))
}

/// Returns a request that has started, which a drop of its stream cancels.
fn handed_over<R: InFlight>(mut request: R) -> Running<HandedOver<R>> {
    request.set_on_drop(OnDrop::Cancel);
    Running::Started(request)
}

/// A request that a stream takes over from the function that returns it.
#[derive(Debug)]
pub struct Handover<R>(Option<R>);

impl<R: InFlight> Handover<R> {
    /// Ends the request with the stream.
    pub fn stream<S, J>(
        &mut self,
        stream: S,
        outcome: J,
    ) -> ObservedStream<S, StreamRequest<HandedOver<R>, J>>
    where
        S: Stream,
        J: FnMut(&S::Item) -> R::Outcome,
    {
        let running = self.0.take().map_or(Running::Done, handed_over);
        ObservedStream::new(stream, StreamRequest::new(running, outcome))
    }

    fn close(&mut self, failure: Option<Cow<'static, str>>) {
        if let Some(mut request) = self.0.take() {
            request.end(failure);
        }
    }
}

/// A request of a function whose value may contain a stream.
#[derive(Debug)]
pub struct OpeningRequest<L: Labels>(Running<L>);

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
pub fn begin_stream<L: Labels>(labels: L) -> OpeningRequest<HandedOver<L::Started>> {
    OpeningRequest(Running::Started(labels.start(OnDrop::Panic)))
}

/// Hands a request over to the stream in a function's value, or ends it as failed if there is a
/// `failure`.
///
/// `map` returns the value with the stream that [`Handover::stream`] returns in place of the original
/// one. A value without a stream ends the request as successful.
pub fn hand_over<L: Labels, V, T>(
    request: &mut OpeningRequest<L>,
    value: V,
    failure: Option<Cow<'static, str>>,
    map: impl FnOnce(V, &mut Handover<L::Started>) -> T,
) -> T {
    let mut handover = Handover(request.0.take());
    if failure.is_some() {
        handover.close(failure);
    }
    let value = map(value, &mut handover);
    handover.close(None);
    value
}
