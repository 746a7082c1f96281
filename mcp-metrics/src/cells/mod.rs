//! What is counted of the requests of one pair of agent and operation.
//!
//! Where two threads write to one cache line, they wait for each other, which is most of what
//! counting costs. So each thread has a row of counters of its own for each call site that it has
//! passed, which only it writes; whoever reads adds the rows up. When a thread ends, its rows are
//! added to a shared one, which also takes what has no row of its own: requests with labels made at
//! run time, and those of a thread that is already being taken down.

mod keys;
mod row;
mod threads;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use metrics::SharedString;

use crate::catalog;
use crate::histogram::Bounds;
#[cfg(feature = "protobuf")]
use crate::histogram::count_native;
use crate::limit::SeriesLimit;
use crate::reentry;

pub(crate) use keys::{RequestKeys, failed_key};
use row::{FAILURES, Row, Writers};
pub(crate) use threads::SiteCells;

/// The recordings of one pair of agent and operation since the program began.
///
/// Outcomes are written with `Release`; who reads them with `Acquire`, and starts after them, in all
/// rows, never sees more requests ended than started, on whichever threads they did.
#[derive(Debug)]
pub(crate) struct RequestCells {
    pub(crate) pair: [SharedString; 2],
    common: &'static Common,
    /// What has no row of its own, and behind it a native histogram's cells, if there is to be one.
    shared: Box<[AtomicU64]>,
    /// One for each thread and call site. While this is locked, none is added to the shared one.
    rows: OnceLock<Box<Rows>>,
    /// The failures that have a counter in each row, in the order of their coming.
    failures: Failures,
    /// Further failures, where there are any.
    more_failures: OnceLock<Box<RwLock<MoreFailures>>>,
}

/// What the recordings of all pairs have in common.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) bounds: Bounds,
    pub(crate) limit: Arc<SeriesLimit>,
}

/// The rows of threads.
type Rows = Mutex<Vec<Arc<[AtomicU64]>>>;

/// Failures that have a counter in each row, as many as have come.
type Failures = OnceLock<Box<Failure>>;

#[derive(Debug)]
struct Failure {
    label: Cow<'static, str>,
    next: Failures,
}

/// Failures without a counter in the rows.
type MoreFailures = HashMap<Cow<'static, str>, AtomicU64>;

/// What [`RequestCells`] held at one moment.
#[derive(Debug, Default)]
pub(crate) struct RequestCounts {
    pub(crate) started: u64,
    pub(crate) succeeded: u64,
    /// By `error_type`, in no order.
    pub(crate) failed: Vec<(Cow<'static, str>, u64)>,
    /// By bucket, not cumulative.
    pub(crate) buckets: Vec<u64>,
    /// The sum of the durations.
    pub(crate) nanoseconds: u64,
}

impl RequestCounts {
    /// Requests that are over.
    pub(crate) fn ended(&self) -> u64 {
        let failed = self.failed.iter().map(|(_, count)| count);
        self.succeeded + failed.sum::<u64>()
    }

    /// Starts and ends: it changes with each of them.
    pub(crate) fn moves(&self) -> u64 {
        self.started + self.ended()
    }
}

impl RequestCells {
    pub(crate) fn new(pair: [SharedString; 2], common: &'static Common) -> Self {
        Self {
            pair,
            common,
            shared: row::zeros(common.bounds.buckets() + common.bounds.native_cells()),
            rows: OnceLock::new(),
            failures: OnceLock::new(),
            more_failures: OnceLock::new(),
        }
    }

    /// Counts a start, on whichever thread.
    pub(crate) fn start(&self) {
        self.shared().start(Writers::Many);
    }

    /// Counts an end that is a success, on whichever thread.
    pub(crate) fn succeed(&self, nanoseconds: u64) {
        self.succeed_in(self.shared(), Writers::Many, nanoseconds);
    }

    /// Counts an end that is a failure, on whichever thread.
    pub(crate) fn fail(&self, nanoseconds: u64, error_type: Cow<'static, str>) {
        self.fail_in(self.shared(), Writers::Many, nanoseconds, error_type);
    }

    /// Has these failures start at zero.
    pub(crate) fn declare_failures(&self, labels: &[&'static str]) {
        let _busy = reentry::enter();
        for label in labels {
            self.common.limit.admit_failure(&self.pair, label);
            if self.place(&Cow::Borrowed(label)).is_none() {
                self.count_elsewhere(Cow::Borrowed(label), 0);
            }
        }
    }

    /// Reads all there is.
    pub(crate) fn read(&self, counts: &mut RequestCounts) {
        let held = self.rows();
        let shared = self.shared();
        let rows = || held.iter().flat_map(|rows| rows.iter().map(|row| Row(row)));
        let sum = |cell| {
            let all = rows().map(|row| row.get(cell));
            all.fold(shared.get(cell), u64::wrapping_add)
        };
        counts.buckets.clear();
        let buckets = 0..self.common.bounds.buckets();
        counts.buckets.extend(buckets.map(|it| shared.bucket(it)));
        for row in rows() {
            for (bucket, count) in counts.buckets.iter_mut().enumerate() {
                *count = count.wrapping_add(row.bucket(bucket));
            }
        }
        counts.nanoseconds = sum(row::NANOSECONDS);
        counts.failed.clear();
        for (place, label) in self.labels().enumerate() {
            let all = rows().map(|row| row.failed(place));
            let count = all.fold(shared.failed(place), u64::wrapping_add);
            counts.failed.push((label.clone(), count));
        }
        if let Some(more) = self.more_failures.get() {
            let more = more.read().unwrap_or_else(PoisonError::into_inner);
            let counted = |count: &AtomicU64| count.load(Ordering::Acquire);
            let failed = more.iter().map(|(label, it)| (label.clone(), counted(it)));
            counts.failed.extend(failed);
        }
        // Next to each other, so that few requests start between the two.
        counts.succeeded = sum(row::SUCCEEDED);
        counts.started = sum(row::STARTED);
        if held.is_none() {
            // The first rows may have come just now, and their requests have ended elsewhere.
            let rows = self.rows();
            let rows = rows.iter().flat_map(|rows| rows.iter());
            let started = rows.map(|row| Row(row).get(row::STARTED));
            counts.started = started.fold(counts.started, u64::wrapping_add);
        }
    }

    /// The cells of the native histogram; empty if there is none.
    #[cfg(feature = "protobuf")]
    pub(crate) fn native(&self) -> Vec<u64> {
        let cells = self.native_cells().iter();
        cells.map(|cell| cell.load(Ordering::Relaxed)).collect()
    }

    #[cfg(feature = "protobuf")]
    fn native_cells(&self) -> &[AtomicU64] {
        &self.shared[row::cells(self.common.bounds.buckets())..]
    }

    #[inline]
    fn succeed_in(&self, row: Row<'_>, writers: Writers, nanoseconds: u64) {
        self.observe_in(row, writers, nanoseconds);
        row.succeed(writers);
    }

    #[inline]
    fn observe_in(&self, row: Row<'_>, writers: Writers, nanoseconds: u64) {
        let bucket = self.common.bounds.index_of_nanoseconds(nanoseconds);
        row.observe(bucket, nanoseconds, writers);
        #[cfg(feature = "protobuf")]
        if self.common.bounds.native_cells() > 0 {
            count_native(self.native_cells(), nanoseconds);
        }
    }

    fn fail_in(
        &self,
        row: Row<'_>,
        writers: Writers,
        nanoseconds: u64,
        error_type: Cow<'static, str>,
    ) {
        self.observe_in(row, writers, nanoseconds);
        if let Some(place) = self.known_place(&error_type) {
            return row.fail(place, writers);
        }
        if let Some(more) = self.more_failures.get() {
            let more = more.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = more.get(&error_type) {
                count.fetch_add(1, Ordering::Release);
                return;
            }
        }
        let _busy = reentry::enter();
        let label = self.admit_error(error_type);
        match self.place(&label) {
            Some(place) => row.fail(place, writers),
            None => self.count_elsewhere(label, 1),
        }
    }

    /// Counts failures that have no counter in the rows.
    fn count_elsewhere(&self, label: Cow<'static, str>, by: u64) {
        let more = self.more_failures.get_or_init(Box::default);
        let mut more = more.write().unwrap_or_else(PoisonError::into_inner);
        more.entry(label)
            .or_default()
            .fetch_add(by, Ordering::Release);
    }

    /// The labels of the failures that have a counter in each row.
    fn labels(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        let first = self.failures.get();
        let failures = std::iter::successors(first, |failure| failure.next.get());
        failures.map(|failure| &failure.label)
    }

    /// Where the counter of a failure is in each row, if it was given one.
    fn known_place(&self, label: &str) -> Option<usize> {
        self.labels().position(|known| known == label)
    }

    /// Where the counter of a failure is in each row, which is given one if there is room.
    #[expect(
        clippy::ptr_arg,
        reason = "it may be kept, and then without a copy of a literal"
    )]
    fn place(&self, label: &Cow<'static, str>) -> Option<usize> {
        let mut failures = &self.failures;
        (0..FAILURES).find(|_| {
            // Whoever comes first fills a place; the others look whether it is the one they need.
            let failure = failures.get_or_init(|| {
                Box::new(Failure {
                    label: label.clone(),
                    next: Failures::new(),
                })
            });
            failures = &failure.next;
            failure.label == *label
        })
    }

    fn admit_error(&self, error_type: Cow<'static, str>) -> Cow<'static, str> {
        let [agent, operation] = &self.pair;
        let mut row = [agent.clone(), operation.clone(), error_type.into()];
        self.common.limit.series(catalog::REQUESTS_FAILED, &mut row);
        let [_, _, label] = row;
        label.into()
    }

    /// Adds a row of zeros for a thread.
    fn join(&self) -> Arc<[AtomicU64]> {
        let row: Arc<[AtomicU64]> = row::zeros(self.common.bounds.buckets());
        let rows = self.rows.get_or_init(Box::default);
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.push(Arc::clone(&row));
        row
    }

    /// Takes the row of a thread that ends.
    fn leave(&self, row: &Arc<[AtomicU64]>) {
        let mut rows = self.rows();
        if let Some(rows) = &mut rows {
            rows.retain(|other| !Arc::ptr_eq(other, row));
        }
        self.shared().take_over(Row(row));
    }

    fn shared(&self) -> Row<'_> {
        Row(&self.shared)
    }

    /// All threads' rows, if there may be any.
    fn rows(&self) -> Option<MutexGuard<'_, Vec<Arc<[AtomicU64]>>>> {
        let rows = self.rows.get()?;
        Some(rows.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
