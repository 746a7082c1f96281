//! This crate, in all the ways it can be used.

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use mcp_metrics::{Exporter, track_request, tracked};
use metrics::SharedString;

use crate::exporter::Handles;
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

static HANDLES: [LazyLock<Handles>; 2] = [
    LazyLock::new(|| Handles::new("by hand", "first")),
    LazyLock::new(|| Handles::new("by hand", "second")),
];

/// Handles that are kept, of our recorder.
#[inline(never)]
pub(crate) fn by_hand<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    HANDLES[SITE].call(n)
}
