//! The minimal cost of five recordings on this machine, without a library.
//!
//! The cells of each callsite have cache lines of their own, which no library here guarantees.

use std::cell::Cell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use mcp_metrics::catalog::REQUEST_DURATION_BUCKETS as BOUNDS;

use crate::{Refused, work};

/// No tracking at all.
#[inline(never)]
pub(crate) fn untracked<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    work(n)
}

#[repr(align(128))]
struct Shared {
    started: AtomicU64,
    succeeded: AtomicU64,
    active: AtomicU64,
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

static SHARED: [Shared; 2] = [const { Shared::new() }; 2];

impl Shared {
    const fn new() -> Self {
        Self {
            started: AtomicU64::new(0),
            succeeded: AtomicU64::new(0),
            active: AtomicU64::new(0),
            buckets: [const { AtomicU64::new(0) }; BOUNDS.len() + 1],
            nanoseconds: AtomicU64::new(0),
        }
    }

    fn start(&self) {
        self.started.fetch_add(1, Relaxed);
        self.active.fetch_add(1, Relaxed);
    }

    fn succeed(&self, took: Duration) {
        self.buckets[bucket(took)].fetch_add(1, Relaxed);
        self.nanoseconds.fetch_add(nanoseconds(took), Relaxed);
        self.succeeded.fetch_add(1, Relaxed);
        self.active.fetch_sub(1, Relaxed);
    }
}

/// Limit A: the standard clock and shared atomics.
#[inline(never)]
pub(crate) fn std_clock_shared_atomics<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    let cells = &SHARED[SITE];
    cells.start();
    let start = std::time::Instant::now();
    let result = work(n);
    let took = start.elapsed();
    if result.is_ok() {
        cells.succeed(took);
    }
    result
}

/// Limit B: the processor's time stamp counter and shared atomics.
#[inline(never)]
pub(crate) fn quanta_shared_atomics<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    let cells = &SHARED[SITE];
    cells.start();
    let start = quanta::Instant::now();
    let result = work(n);
    let took = start.elapsed();
    if result.is_ok() {
        cells.succeed(took);
    }
    result
}

#[repr(align(128))]
struct Own {
    started: Cell<u64>,
    succeeded: Cell<u64>,
    active: Cell<u64>,
    buckets: [Cell<u64>; BOUNDS.len() + 1],
    nanoseconds: Cell<u64>,
}

impl Own {
    const fn new() -> Self {
        Self {
            started: Cell::new(0),
            succeeded: Cell::new(0),
            active: Cell::new(0),
            buckets: [const { Cell::new(0) }; BOUNDS.len() + 1],
            nanoseconds: Cell::new(0),
        }
    }
}

impl Own {
    fn succeed(&self, bucket: usize, nanoseconds: u64) {
        add(&self.buckets[bucket], 1);
        add(&self.nanoseconds, nanoseconds);
        add(&self.succeeded, 1);
        self.active.set(self.active.get() - 1);
    }
}

thread_local! {
    static OWN: [Own; 2] = const { [Own::new(), Own::new()] };
}

/// Limit C: the time stamp counter and thread-local cells, which no other thread can read.
#[inline(never)]
pub(crate) fn quanta_own_cells<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    OWN.with(|own| {
        let cells = &own[SITE];
        add(&cells.started, 1);
        add(&cells.active, 1);
        let start = quanta::Instant::now();
        let result = work(n);
        let took = start.elapsed();
        if result.is_ok() {
            cells.succeed(bucket(took), nanoseconds(took));
        }
        result
    })
}

/// Limit D: like C, but converts the difference of two readings instead of each reading, and
/// compares integer nanoseconds with the bounds.
#[inline(never)]
pub(crate) fn raw_own_cells<const SITE: usize>(n: u32) -> Result<u32, Refused> {
    OWN.with(|own| {
        let clock = &*CLOCK;
        let cells = &own[SITE];
        add(&cells.started, 1);
        add(&cells.active, 1);
        let start = clock.raw();
        let result = work(n);
        let took = clock.delta_as_nanos(start, clock.raw());
        if result.is_ok() {
            let bounds = INTEGER_BOUNDS.iter();
            cells.succeed(bounds.take_while(|bound| took > **bound).count(), took);
        }
        result
    })
}

static CLOCK: LazyLock<quanta::Clock> = LazyLock::new(quanta::Clock::new);

/// [`BOUNDS`] in nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are tenths of seconds"
)]
static INTEGER_BOUNDS: [u64; BOUNDS.len()] = {
    let mut bounds = [0; BOUNDS.len()];
    let mut index = 0;
    while index < BOUNDS.len() {
        bounds[index] = (BOUNDS[index] * 10.0) as u64 * 100_000_000;
        index += 1;
    }
    bounds
};

fn add(cell: &Cell<u64>, by: u64) {
    cell.set(cell.get() + by);
}

fn bucket(took: Duration) -> usize {
    let seconds = took.as_secs_f64();
    BOUNDS.iter().take_while(|bound| seconds > **bound).count()
}

fn nanoseconds(took: Duration) -> u64 {
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)
}
