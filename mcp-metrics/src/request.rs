//! Requests: started, then ended exactly once, however they end.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, SharedString};
use pin_project_lite::pin_project;

use crate::cells::{RequestCells, RequestKeys, SiteCells, failed_key};
use crate::clock::Moment;
use crate::limit::Origin;
use crate::outcome::{DeclaredLabels, Outcome};
use crate::reentry;
use crate::site::{self, Current, METADATA, Site};

/// `error_type` of a request that a panic ended.
const PANIC: &str = "panic";
/// `error_type` of a request that was given up before it ended.
const CANCELLED: &str = "cancelled";

/// A request that has started: the total is counted and its agent has one more active operation.
///
/// End it with [`success`](Self::success), [`failure`](Self::failure) or
/// [`finish`](Self::finish). A request that is dropped instead counts as failed, with
/// `error_type="panic"` if a panic drops it and `error_type="cancelled"` otherwise.
///
/// ```
/// use mcp_metrics::track_request;
///
/// let request = track_request("planner", "plan").start();
/// match "3".parse::<u32>() {
///     Ok(_) => request.success(),
///     Err(_) => request.failure("ParseIntError"),
/// }
/// ```
#[must_use = "a request that is dropped at once counts as cancelled"]
pub struct Request {
    target: Target,
    started: Moment,
    panicking: bool,
    on_drop: OnDrop,
}

/// What it means for a request to be dropped before it was told how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDrop {
    /// The thread tells a panic from a cancellation.
    Ask,
    /// A function that cannot fail has returned, unless the thread is panicking.
    Succeed,
    /// A panic is passing.
    Panic,
    /// A future is being dropped between two polls.
    Cancel,
}

enum Target {
    Site(&'static SiteCells),
    Cells(Arc<RequestCells>),
    Facade(Box<Facade>),
    Ended,
}

impl Request {
    /// One that nobody hears of.
    const UNRECORDED: Self = Self {
        target: Target::Ended,
        started: Moment::ZERO,
        panicking: false,
        on_drop: OnDrop::Ask,
    };

    /// Starts a request of a callsite, whose first request declares `labels`.
    pub(crate) fn at(site: &'static Site, labels: Option<DeclaredLabels>, on_drop: OnDrop) -> Self {
        if reentry::is_busy() {
            return Self::UNRECORDED;
        }
        let target = match Current::get() {
            Current::Ours(installed) => Target::Site(site.cells(installed, labels)),
            Current::Theirs => Target::Facade(Facade::start(site.keys())),
            Current::None => return Self::UNRECORDED,
        };
        Self::start(target, on_drop)
    }

    /// Starts a request whose labels were made at run time.
    pub(crate) fn of(pair: [SharedString; 2], on_drop: OnDrop) -> Self {
        if reentry::is_busy() {
            return Self::UNRECORDED;
        }
        let target = match Current::get() {
            Current::Ours(installed) if installed.forgets() => {
                Target::Cells(installed.cells(pair, Origin::Dynamic))
            }
            Current::Ours(installed) => Target::Site(installed.made(pair)),
            Current::Theirs => Target::Facade(Facade::start(&RequestKeys::new(pair))),
            Current::None => return Self::UNRECORDED,
        };
        Self::start(target, on_drop)
    }

    fn start(target: Target, on_drop: OnDrop) -> Self {
        match &target {
            Target::Site(cells) => cells.start(),
            Target::Cells(cells) => cells.start(),
            Target::Facade(_) | Target::Ended => {}
        }
        // A function may be called, and succeed, while a panic unwinds through its caller.
        let panicking = thread::panicking();
        Self {
            target,
            started: Moment::now(),
            panicking,
            on_drop,
        }
    }

    /// Ends the request well.
    pub fn success(self) {
        self.close(None);
    }

    /// Ends the request badly, with this `error_type`: a short class name, never a message.
    pub fn failure(self, error_type: impl Into<Cow<'static, str>>) {
        self.close(Some(error_type.into()));
    }

    /// Ends the request as the value says, which for a `Result` is whether it is an `Err`.
    ///
    /// ```
    /// let request = mcp_metrics::track_request("files", "read").start();
    /// let text = std::fs::read_to_string("/no/such/file");
    /// request.finish(&text); // failed, `error_type="NotFound"`
    /// ```
    pub fn finish<T: Outcome + ?Sized>(self, value: &T) {
        self.close(value.failure());
    }

    /// What it means from now on for the request to be dropped.
    #[inline]
    pub(crate) fn set_on_drop(&mut self, on_drop: OnDrop) {
        self.on_drop = on_drop;
    }

    /// Ends the request: well, or badly with this `error_type`.
    #[inline]
    pub(crate) fn close(self, failure: Option<Cow<'static, str>>) {
        // Once it has ended, there is nothing left to be dropped.
        let mut request = ManuallyDrop::new(self);
        if !matches!(request.target, Target::Ended) {
            request.end(failure);
        }
    }

    fn end(&mut self, failure: Option<Cow<'static, str>>) {
        // The clock is read first, so that our own work is not part of the duration.
        let took = self.started.elapsed();
        let target = std::mem::replace(&mut self.target, Target::Ended);
        // Before the box is moved, so that freeing it is our work, too.
        let _busy = matches!(target, Target::Facade(_)).then(reentry::enter);
        match (target, failure) {
            (Target::Site(cells), None) => cells.succeed(took),
            (Target::Site(cells), Some(error_type)) => cells.fail(took, error_type),
            (Target::Cells(cells), None) => cells.succeed(took),
            (Target::Cells(cells), Some(error_type)) => cells.fail(took, error_type),
            (Target::Facade(facade), failure) => facade.end(took, failure),
            (Target::Ended, _) => {}
        }
    }
}

impl Drop for Request {
    #[inline]
    fn drop(&mut self) {
        if matches!(self.target, Target::Ended) {
            return;
        }
        let panicked = || thread::panicking() && !self.panicking;
        let failure = match self.on_drop {
            OnDrop::Panic => Some(PANIC),
            OnDrop::Cancel => Some(CANCELLED),
            OnDrop::Succeed => panicked().then_some(PANIC),
            OnDrop::Ask => Some(if panicked() { PANIC } else { CANCELLED }),
        };
        self.end(failure.map(Cow::Borrowed));
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut request = f.debug_struct("Request");
        // The clock is not read for what is not recorded.
        if !matches!(self.target, Target::Ended) {
            request.field("elapsed", &Duration::from_nanos(self.started.elapsed()));
        }
        request.finish_non_exhaustive()
    }
}

/// The handles of a request under a recorder that is not the installed one.
///
/// They are all taken at the start, so that a request is recorded whole where it began, wherever
/// it ends. Only a failure's series cannot be known then; it is registered at the end, and only
/// if the recorder is still the same, since under another one it would have no request.
struct Facade {
    recorder: usize,
    pair: [SharedString; 2],
    succeeded: Counter,
    duration: Histogram,
    active: Gauge,
}

impl Facade {
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "boxed here, while this is our work"
    )]
    fn start(keys: &RequestKeys) -> Box<Self> {
        let _busy = reentry::enter();
        metrics::with_recorder(|recorder| {
            recorder
                .register_counter(&keys.started, &METADATA)
                .increment(1);
            let active = recorder.register_gauge(&keys.active, &METADATA);
            active.increment(1.0);
            Box::new(Self {
                recorder: site::current_recorder(),
                succeeded: recorder.register_counter(&keys.succeeded, &METADATA),
                duration: recorder.register_histogram(&keys.duration, &METADATA),
                active,
                pair: keys.pair.clone(),
            })
        })
    }

    fn end(self, took: u64, failure: Option<Cow<'static, str>>) {
        self.duration
            .record(Duration::from_nanos(took).as_secs_f64());
        match failure {
            None => self.succeeded.increment(1),
            Some(error_type) if self.recorder == site::current_recorder() => {
                let key = failed_key(&self.pair, error_type);
                metrics::with_recorder(|recorder| recorder.register_counter(&key, &METADATA))
                    .increment(1);
            }
            Some(_) => {}
        }
        self.active.decrement(1.0);
    }
}

/// A request of `operation` by `agent`, for places where no attribute fits.
///
/// ```
/// use mcp_metrics::track_request;
///
/// let sum = track_request("calculator", "add").run(|| 2 + 2);
/// assert_eq!(sum, 4);
///
/// let parsed = track_request("calculator", "parse").run(|| "four".parse::<i32>());
/// assert!(parsed.is_err()); // counted as failed, `error_type="ParseIntError"`
/// ```
pub fn track_request(
    agent: impl Into<SharedString>,
    operation: impl Into<SharedString>,
) -> TrackRequest {
    TrackRequest {
        pair: [agent.into(), operation.into()],
    }
}

/// A request that has not started; made by [`track_request`].
#[derive(Clone, Debug)]
#[must_use = "nothing is recorded before `run`, `run_async` or `start`"]
pub struct TrackRequest {
    pair: [SharedString; 2],
}

impl TrackRequest {
    /// Starts the request and returns it, to be ended by hand.
    pub fn start(self) -> Request {
        Request::of(self.pair, OnDrop::Ask)
    }

    /// Runs `body` as the request and returns what it returns. An `Err` is a failure, and so is a
    /// panic, which goes on as if nothing watched it.
    pub fn run<T: Outcome>(self, body: impl FnOnce() -> T) -> T {
        self.run_with(body, Outcome::failure)
    }

    /// Like [`run`](Self::run), with `failure` to say whether the value is a failure and what its
    /// `error_type` is.
    ///
    /// ```
    /// use mcp_metrics::track_request;
    ///
    /// struct Score(f64);
    ///
    /// let score = track_request("judge", "score")
    ///     .run_with(|| Score(0.2), |score| (score.0 < 0.5).then(|| "LowScore".into()));
    /// assert_eq!(score.0, 0.2);
    /// ```
    pub fn run_with<T>(
        self,
        body: impl FnOnce() -> T,
        failure: impl FnOnce(&T) -> Option<Cow<'static, str>>,
    ) -> T {
        let request = Request::of(self.pair, OnDrop::Panic);
        let value = body();
        request.close(failure(&value));
        value
    }

    /// Runs `future` as the request and returns what it returns. The request starts at the first
    /// poll; if the future is dropped before it is ready, the request counts as cancelled.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use mcp_metrics::track_request;
    ///
    /// let answer = track_request("oracle", "ask").run_async(async { 42 }).await;
    /// assert_eq!(answer, 42);
    /// # }
    /// ```
    pub async fn run_async<F>(self, future: F) -> F::Output
    where
        F: Future<Output: Outcome>,
    {
        self.run_async_with(future, Outcome::failure).await
    }

    /// Like [`run_async`](Self::run_async), with `failure` to say whether the value is a failure
    /// and what its `error_type` is.
    pub async fn run_async_with<F: Future>(
        self,
        future: F,
        failure: impl FnOnce(&F::Output) -> Option<Cow<'static, str>>,
    ) -> F::Output {
        let (value, request) = Tracked::new(Dynamic(self.pair), future).await;
        request.close(failure(&value));
        value
    }
}

/// Where a request's labels come from.
pub trait Labels {
    /// Starts a request with them.
    fn start(self, on_drop: OnDrop) -> Request;
}

impl Labels for &'static Site {
    #[inline]
    fn start(self, on_drop: OnDrop) -> Request {
        Request::at(self, None, on_drop)
    }
}

/// A callsite with error labels that only its function can name, and which are therefore declared at
/// the first call.
#[derive(Debug)]
pub struct FirstCall(pub &'static Site, pub DeclaredLabels);

impl Labels for FirstCall {
    #[inline]
    fn start(self, on_drop: OnDrop) -> Request {
        Request::at(self.0, Some(self.1), on_drop)
    }
}

/// An agent and an operation made at run time.
#[derive(Debug)]
pub struct Dynamic(pub(crate) [SharedString; 2]);

impl Labels for Dynamic {
    fn start(self, on_drop: OnDrop) -> Request {
        Request::of(self.0, on_drop)
    }
}

pin_project! {
    /// A future that is one request from its first poll to its end. It resolves to the value and
    /// the request, which is then to be closed.
    pub(crate) struct Tracked<L, F> {
        // Before the request, so that the future is dropped while the request is active.
        #[pin]
        future: F,
        running: Running<L>,
    }
}

impl<L: Labels, F> Tracked<L, F> {
    #[inline]
    pub(crate) fn new(labels: L, future: F) -> Self {
        Self {
            future,
            running: Running::new(labels),
        }
    }
}

impl<L: Labels, F: Future> Future for Tracked<L, F> {
    type Output = (F::Output, Request);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(mut request) = this.running.enter() else {
            unreachable!("the future was polled after it was ready")
        };
        let polled = this.future.poll(cx);
        request.set_on_drop(OnDrop::Cancel);
        match polled {
            Poll::Ready(value) => Poll::Ready((value, request)),
            Poll::Pending => {
                this.running.leave(request);
                Poll::Pending
            }
        }
    }
}

/// The request of something that is polled: taken out for each poll and put back after it.
#[derive(Debug)]
pub(crate) enum Running<L> {
    Waiting(L),
    Started(Request),
    Done,
}

impl<L: Labels> Running<L> {
    #[inline]
    pub(crate) const fn new(labels: L) -> Self {
        Self::Waiting(labels)
    }

    /// Takes the request out, starting it at the first poll. Until it is told otherwise, only a
    /// panic of what is polled can drop it. `None` once it was not put back.
    #[inline]
    pub(crate) fn enter(&mut self) -> Option<Request> {
        match std::mem::replace(self, Self::Done) {
            Self::Waiting(labels) => Some(labels.start(OnDrop::Panic)),
            Self::Started(mut request) => {
                request.set_on_drop(OnDrop::Panic);
                Some(request)
            }
            Self::Done => None,
        }
    }

    /// Puts the request back.
    #[inline]
    pub(crate) fn leave(&mut self, request: Request) {
        *self = Self::Started(request);
    }
}
