//! Requests: each is started and then ended exactly once.

mod facade;
mod facade_keys;
mod future;
mod in_flight;
mod on_drop;
mod track;

use std::borrow::Cow;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::classify::{DeclaredLabels, Outcome};
use crate::instrument::clock::Instant;
use crate::instrument::fast_path::{CallsiteSeries, RequestSeries};
use crate::instrument::in_flight::InFlight as _;
use crate::instrument::{Callsite, Dispatch};
use crate::reentrancy;
use crate::request_labels::RequestLabels;

use facade::Facade;
pub(super) use facade_keys::FacadeKeys;
#[cfg(feature = "stream")]
pub(crate) use future::Running;
pub(super) use future::Tracked;
pub use future::{Dynamic, FirstCall, Literal};
pub(crate) use on_drop::OnDrop;
use on_drop::PANIC;
pub use track::{TrackRequest, track_request};

/// A request in flight, which is counted in the total and in its agent's active operations.
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
    started: Instant,
    panicking: bool,
    on_drop: OnDrop,
}

enum Target {
    /// The series of literal labels.
    Callsite(&'static CallsiteSeries),
    /// The series of dynamic labels, whose shard this thread may cache.
    Cached(&'static RequestSeries),
    /// The series of dynamic labels, which may be evicted after the request.
    Evictable(Arc<RequestSeries>),
    Facade(Box<Facade>),
    Ended,
}

impl Request {
    /// Starts a request of a callsite. The callsite's first request declares `labels`.
    #[inline]
    pub(crate) fn at(
        callsite: &'static Callsite,
        labels: Option<DeclaredLabels>,
        on_drop: OnDrop,
    ) -> Self {
        match Dispatch::get() {
            Dispatch::Noop => Self::UNRECORDED,
            // Before the callsite is initialized, which may allocate.
            _ if reentrancy::is_suppressed() => Self::UNRECORDED,
            Dispatch::FastPath(registry) => {
                Self::start_at(callsite.series(registry, labels), on_drop)
            }
            Dispatch::Facade => Self::start_at_facade(callsite, on_drop),
        }
    }

    /// Starts a request of a callsite in place of an unrecorded one.
    ///
    /// Futures use this, since they would have to move the result of [`at`](Self::at). Reading a
    /// request as a whole right after its fields were written stalls the CPU.
    #[inline]
    fn start_in_place(
        &mut self,
        callsite: &'static Callsite,
        labels: Option<DeclaredLabels>,
        on_drop: OnDrop,
    ) {
        match Dispatch::get() {
            Dispatch::Noop => {}
            // Before the callsite is initialized, which may allocate.
            _ if reentrancy::is_suppressed() => {}
            Dispatch::FastPath(registry) => {
                self.set_started(callsite.series(registry, labels), on_drop);
            }
            Dispatch::Facade => *self = Self::start_at_facade(callsite, on_drop),
        }
    }

    fn set_started(&mut self, callsite: &'static CallsiteSeries, on_drop: OnDrop) {
        callsite.series.start_at(callsite.place);
        self.set_target(Target::Callsite(callsite));
        self.panicking = thread::panicking();
        self.on_drop = on_drop;
        self.started = Instant::now();
    }

    /// Replaces a target that needs no drop: one of a callsite, or none. The compiler does not always
    /// inline a drop, which then checks the target once more.
    #[inline]
    fn set_target(&mut self, target: Target) {
        std::mem::forget(std::mem::replace(&mut self.target, target));
    }

    #[cold]
    fn start_at_facade(callsite: &'static Callsite, on_drop: OnDrop) -> Self {
        Self::start_facade(callsite.keys(), on_drop)
    }

    fn start_at(callsite: &'static CallsiteSeries, on_drop: OnDrop) -> Self {
        callsite.series.start_at(callsite.place);
        Self::new(Target::Callsite(callsite), on_drop)
    }

    fn start_facade(keys: &FacadeKeys, on_drop: OnDrop) -> Self {
        Self::new(Target::Facade(Facade::start(keys)), on_drop)
    }

    /// Starts a request of dynamic labels.
    pub(crate) fn of(labels: RequestLabels, on_drop: OnDrop) -> Self {
        if reentrancy::is_suppressed() {
            return Self::UNRECORDED;
        }
        match Dispatch::get() {
            Dispatch::FastPath(registry) => match registry.dynamic_request(&labels) {
                Ok(series) => {
                    series.start_cached();
                    Self::new(Target::Cached(series), on_drop)
                }
                Err(series) => {
                    series.start();
                    Self::new(Target::Evictable(series), on_drop)
                }
            },
            Dispatch::Facade => Self::start_facade(&FacadeKeys::new(labels), on_drop),
            Dispatch::Noop => Self::UNRECORDED,
        }
    }

    /// Creates a request that starts now.
    #[inline]
    fn new(target: Target, on_drop: OnDrop) -> Self {
        // A function may be called, and succeed, while a panic unwinds through its caller.
        let panicking = thread::panicking();
        Self {
            target,
            started: Instant::now(),
            panicking,
            on_drop,
        }
    }

    /// Returns the request with an earlier start.
    #[cfg(feature = "rmcp")]
    pub(crate) const fn since(mut self, started: Instant) -> Self {
        self.started = started;
        self
    }

    /// Ends the request as successful.
    pub fn success(mut self) {
        self.close(None);
    }

    /// Ends the request as failed with this `error_type`: a short class name, never a message.
    pub fn failure(mut self, error_type: impl Into<Cow<'static, str>>) {
        self.close(Some(error_type.into()));
    }

    /// Ends the request with the outcome of a value. A `Result` is a failure if it is an `Err`.
    ///
    /// ```
    /// let request = mcp_metrics::track_request("files", "read").start();
    /// let text = std::fs::read_to_string("/no/such/file");
    /// request.finish(&text); // failed, `error_type="NotFound"`
    /// ```
    pub fn finish<T: Outcome + ?Sized>(mut self, value: &T) {
        self.close(value.failure());
    }

    /// Ends the request, as failed if there is an `error_type`. Afterwards its target is
    /// [`Target::Ended`], and ending or dropping it again has no effect.
    #[inline]
    pub(crate) fn close(&mut self, failure: Option<Cow<'static, str>>) {
        if matches!(self.target, Target::Ended) {
            return;
        }
        match failure {
            None => self.succeed(),
            Some(error_type) => self.fail(error_type),
        }
    }

    fn succeed(&mut self) {
        // Read before the outcome is recorded, which is not part of the duration.
        let took = self.started.elapsed();
        // Most requests have literal labels: a branch for them is faster than a jump table.
        if let Target::Callsite(it) = self.target {
            self.set_target(Target::Ended);
            return it.series.succeed_at(it.place, took);
        }
        match std::mem::replace(&mut self.target, Target::Ended) {
            Target::Callsite(it) => it.series.succeed_at(it.place, took),
            Target::Cached(series) => series.succeed_cached(took),
            Target::Evictable(series) => series.succeed(took),
            Target::Facade(facade) => Facade::end(facade, took, None),
            Target::Ended => {}
        }
    }

    fn fail(&mut self, error_type: Cow<'static, str>) {
        let took = self.started.elapsed();
        if let Target::Callsite(it) = self.target {
            self.set_target(Target::Ended);
            return it.series.fail_at(it.place, took, error_type);
        }
        match std::mem::replace(&mut self.target, Target::Ended) {
            Target::Callsite(it) => it.series.fail_at(it.place, took, error_type),
            Target::Cached(series) => series.fail_cached(took, error_type),
            Target::Evictable(series) => series.fail(took, error_type),
            Target::Facade(facade) => Facade::end(facade, took, Some(error_type)),
            Target::Ended => {}
        }
    }
}

impl Drop for Request {
    #[inline]
    fn drop(&mut self) {
        if matches!(self.target, Target::Ended) {
            return;
        }
        let failure = self.on_drop.failure(self.panicking);
        self.close(failure.map(Cow::Borrowed));
    }
}

// The handles of a facade's recorder may not be unwind safe. A request only increments them, and a
// panic does not interrupt that.
impl UnwindSafe for Request {}
impl RefUnwindSafe for Request {}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut request = f.debug_struct("Request");
        // A request that is not recorded must not read the clock.
        if !matches!(self.target, Target::Ended) {
            request.field("elapsed", &Duration::from_nanos(self.started.elapsed()));
        }
        request.finish_non_exhaustive()
    }
}
