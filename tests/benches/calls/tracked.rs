//! Tracked calls of mcp-metrics.

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use mcp_metrics::{Exporter, track_request, tracked};
use metrics::SharedString;

use crate::exporter::Handles;
use crate::{OPERATIONS, Refused, agent, refuse, work};

pub(crate) static EXPORTER: LazyLock<Exporter> = LazyLock::new(|| {
    let exporter = Exporter::builder().install();
    exporter.expect("no other recorder is installed")
});

/// Literal labels.
pub(crate) const TRACKED: [crate::way::Call; 2] = {
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

/// Literal labels, called only before a recorder is installed.
pub(crate) const TRACKED_TOO_EARLY: [crate::way::Call; 2] = {
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

/// Literal labels, for calls under a local recorder, which take the facade path.
pub(crate) const TRACKED_LOCALLY: [crate::way::Call; 2] = {
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

/// Calls that fail with a derived error type.
pub(crate) const FAILING: [crate::way::Call; 2] = {
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

/// Futures that are ready at the first poll.
pub(crate) const ASYNC: [crate::way::Call; 2] = {
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

/// Polls a future that is ready at the first poll.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the future awaits nothing"),
    }
}

/// Dynamic labels: four agents take turns.
#[inline(never)]
pub(crate) fn dynamic<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    #[tracked(agent = agent(n), operation = OPERATIONS[SITE])]
    fn call<const SITE: usize>(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    call::<SITE>(n)
}

/// Dynamic labels that are formatted per call.
#[inline(never)]
pub(crate) fn owned<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    #[tracked(
        agent = format!("owned {}", agent(n)),
        operation = OPERATIONS[SITE]
    )]
    fn call<const SITE: usize>(n: u32) -> Result<u32, Refused> {
        work(n)
    }

    call::<SITE>(n)
}

/// `track_request` with clones of shared strings.
#[inline(never)]
pub(crate) fn by_function<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    static STRINGS: LazyLock<[SharedString; 3]> = LazyLock::new(|| {
        let shared = |text: &str| SharedString::from_shared(Arc::from(text));
        ["by function", OPERATIONS[0], OPERATIONS[1]].map(shared)
    });
    track_request(STRINGS[0].clone(), STRINGS[1 + SITE].clone()).run(|| work(n))
}

static HANDLES: [LazyLock<Handles>; 2] = [
    LazyLock::new(|| Handles::new("by hand", "first")),
    LazyLock::new(|| Handles::new("by hand", "second")),
];

/// Records through kept handles of our recorder.
#[inline(never)]
pub(crate) fn by_hand<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    HANDLES[SITE].call(n)
}
