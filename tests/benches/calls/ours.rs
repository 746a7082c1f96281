//! This crate, in all the ways it can be used.

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use mcp_metrics::catalog::{
    ACTIVE_OPERATIONS, REQUEST_DURATION, REQUESTS, REQUESTS_FAILED, REQUESTS_SUCCESS,
};
use mcp_metrics::{Exporter, track_request, tracked};
use metrics::{Counter, Gauge, Histogram, SharedString, counter, gauge, histogram};

use crate::{AGENTS, OPERATIONS, Refused, refuse, work};

pub(crate) static EXPORTER: LazyLock<Exporter> = LazyLock::new(|| {
    let exporter = Exporter::builder().install();
    exporter.expect("nothing else is installed")
});

/// Both labels are literals.
pub(crate) const TRACKED: [crate::Call; 2] = {
    #[tracked("tracked", "first")]
    #[inline(never)]
    fn first(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    #[tracked("tracked", "second")]
    #[inline(never)]
    fn second(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    [first, second]
};

/// The same, called before a recorder is installed, and never again.
pub(crate) const TRACKED_TOO_EARLY: [crate::Call; 2] = {
    #[tracked("tracked too early", "first")]
    #[inline(never)]
    fn first(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    #[tracked("tracked too early", "second")]
    #[inline(never)]
    fn second(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    [first, second]
};

/// The same under a local recorder, which can't have cells in the sites.
pub(crate) const TRACKED_LOCALLY: [crate::Call; 2] = {
    #[tracked("tracked locally", "first")]
    #[inline(never)]
    fn first(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    #[tracked("tracked locally", "second")]
    #[inline(never)]
    fn second(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    [first, second]
};

/// Every call fails, with a label that the error's type declares.
pub(crate) const FAILING: [crate::Call; 2] = {
    #[tracked("failing", "first")]
    #[inline(never)]
    fn first(n: u32) -> Result<u32, Refused> {
        refuse(n)
    }

    #[tracked("failing", "second")]
    #[inline(never)]
    fn second(n: u32) -> Result<u32, Refused> {
        refuse(n)
    }

    [first, second]
};

/// A future that is ready at its first poll.
pub(crate) const ASYNC: [crate::Call; 2] = {
    #[tracked("async", "first")]
    async fn first_async(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    #[tracked("async", "second")]
    async fn second_async(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    #[inline(never)]
    fn first(n: u32) -> Result<u32, Refused> {
        now(first_async(n))
    }

    #[inline(never)]
    fn second(n: u32) -> Result<u32, Refused> {
        now(second_async(n))
    }

    [first, second]
};

/// The least that an executor does.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing is waited for"),
    }
}

/// Labels that are known only when the function is called, four that come again and again.
#[inline(never)]
pub(crate) fn dynamic<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    #[tracked(agent = AGENTS[n as usize % AGENTS.len()], operation = OPERATIONS[SITE])]
    fn call<const SITE: usize>(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    call::<SITE>(n)
}

/// The same with a label that is made for each call.
#[inline(never)]
pub(crate) fn owned<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    #[tracked(
        agent = format!("owned {}", AGENTS[n as usize % AGENTS.len()]),
        operation = OPERATIONS[SITE]
    )]
    fn call<const SITE: usize>(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    call::<SITE>(n)
}

/// The function, with strings that were made once and are shared.
#[inline(never)]
pub(crate) fn by_function<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    static STRINGS: LazyLock<[SharedString; 3]> = LazyLock::new(|| {
        let shared = |text: &str| SharedString::from_shared(Arc::from(text));
        ["by function", OPERATIONS[0], OPERATIONS[1]].map(shared)
    });
    track_request(STRINGS[0].clone(), STRINGS[1 + SITE].clone()).run(|| work(n))
}

/// What a careful author writes who has our recorder, and not our macro.
struct Handles {
    started: Counter,
    succeeded: Counter,
    duration: Histogram,
    active: Gauge,
}

static HANDLES: [LazyLock<Handles>; 2] = [
    LazyLock::new(|| Handles::new("first")),
    LazyLock::new(|| Handles::new("second")),
];

impl Handles {
    fn new(operation: &'static str) -> Self {
        let labels = [("agent", "by hand"), ("operation", operation)];
        Self {
            started: counter!(REQUESTS, &labels),
            succeeded: counter!(REQUESTS_SUCCESS, &labels),
            duration: histogram!(REQUEST_DURATION, &labels),
            active: gauge!(ACTIVE_OPERATIONS, &labels[..1]),
        }
    }
}

#[inline(never)]
pub(crate) fn by_hand<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    let handles = &*HANDLES[SITE];
    handles.started.increment(1);
    handles.active.increment(1.0);
    let start = std::time::Instant::now();
    let result = work(n);
    handles.duration.record(start.elapsed().as_secs_f64());
    match result {
        Ok(_) => handles.succeeded.increment(1),
        Err(_) => counter!(REQUESTS_FAILED, "agent" => "by hand").increment(1),
    }
    handles.active.decrement(1.0);
    result
}
