//! What is counted of the requests of one pair of agent and operation.
//!
//! Where two threads write to one cache line, they wait for each other, which is most of what
//! counting costs. So each thread has a row of counters of its own for each call site that it has
//! passed, and for some of the labels that are made at run time, which only it writes; whoever reads
//! adds the rows up. When a thread ends, its rows are added to a shared one, which also takes what
//! has no row: other labels, and requests of a thread that is already being taken down.

mod keys;
mod row;
mod rows;
mod threads;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use metrics::SharedString;

use crate::catalog;
use crate::histogram::Bounds;
#[cfg(feature = "protobuf")]
use crate::histogram::count_native;
use crate::limit::SeriesLimit;
use crate::reentry;
use crate::sync::{AtomicU64, OnceLock, Ordering, PoisonError};

pub(crate) use keys::{RequestKeys, failed_key};
use row::{FAILURES, Row, Writers};
use rows::Rows;
pub(crate) use threads::SiteCells;

/// The recordings of one pair of agent and operation since the program began.
///
/// Outcomes are written with `Release`; who reads them with `Acquire`, and starts after them, in all
/// rows, never sees more requests ended than started, on whichever threads they did.
#[derive(Debug)]
pub(crate) struct RequestCells {
    pub(crate) pair: [SharedString; 2],
    common: &'static Common,
    /// Behind the shared one are a native histogram's cells, if there is to be one.
    rows: Rows,
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
    /// The sums of all rows.
    sums: Vec<u64>,
    /// By `error_type`, in no order.
    pub(crate) failed: Vec<(Cow<'static, str>, u64)>,
}

impl RequestCounts {
    /// Requests that have started.
    pub(crate) fn started(&self) -> u64 {
        self.sums[row::STARTED]
    }

    /// Requests that are over and went well.
    pub(crate) fn succeeded(&self) -> u64 {
        self.sums[row::SUCCEEDED]
    }

    /// The sum of the durations.
    pub(crate) fn nanoseconds(&self) -> u64 {
        self.sums[row::NANOSECONDS]
    }

    /// Requests that are over, by the bucket of their duration, not cumulative.
    pub(crate) fn buckets(&self) -> &[u64] {
        &self.sums[row::BUCKETS..]
    }

    /// Requests that are over.
    fn ended(&self) -> u64 {
        let failed = self.failed.iter().map(|(_, count)| count);
        self.succeeded() + failed.sum::<u64>()
    }

    /// Requests that are not over.
    pub(crate) fn under_way(&self) -> u64 {
        self.started().saturating_sub(self.ended())
    }

    /// Starts and ends: it changes with each of them.
    pub(crate) fn moves(&self) -> u64 {
        self.started() + self.ended()
    }
}

impl RequestCells {
    pub(crate) fn new(pair: [SharedString; 2], common: &'static Common) -> Self {
        Self {
            pair,
            common,
            rows: Rows::new(common.bounds.buckets(), common.bounds.native_cells()),
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
        counts.failed.clear();
        // Ends before starts, of which there are then at least as many.
        if let Some(more) = self.more_failures.get() {
            let more = more.read().unwrap_or_else(PoisonError::into_inner);
            let counted = |count: &AtomicU64| count.load(Ordering::Acquire);
            let failed = more.iter().map(|(label, it)| (label.clone(), counted(it)));
            counts.failed.extend(failed);
        }
        self.rows
            .sum(self.common.bounds.buckets(), &mut counts.sums);
        // Labels come before what is counted under them.
        let labels = self.labels().cloned();
        counts
            .failed
            .extend(labels.zip(counts.sums[row::FAILED].iter().copied()));
    }

    /// The cells of the native histogram; empty if there is none.
    #[cfg(feature = "protobuf")]
    pub(crate) fn native(&self) -> Vec<u64> {
        let cells = self.native_cells().iter();
        cells.map(|cell| cell.load(Ordering::Relaxed)).collect()
    }

    #[cfg(feature = "protobuf")]
    fn native_cells(&self) -> &[AtomicU64] {
        self.rows.behind(self.common.bounds.buckets())
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

    /// Adds a row for a thread.
    fn join(&self) -> Arc<[AtomicU64]> {
        self.rows.join(self.common.bounds.buckets())
    }

    /// Takes the row of a thread that ends.
    fn leave(&self, row: &Arc<[AtomicU64]>) {
        self.rows.leave(row);
    }

    fn shared(&self) -> Row<'_> {
        self.rows.shared()
    }
}
