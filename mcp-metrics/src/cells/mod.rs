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
use crate::histogram::{Bounds, count_native};
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
    bounds: Bounds,
    limit: Arc<SeriesLimit>,
    shared: Row,
    /// One for each thread and call site. While this is locked, none is added to the shared one.
    rows: Mutex<Vec<Row>>,
    /// The labels of the failures that have a counter in each row, in the order of their coming.
    failures: OnceLock<Box<[OnceLock<Cow<'static, str>>; FAILURES]>>,
    /// Further failures.
    more_failures: RwLock<HashMap<Cow<'static, str>, AtomicU64>>,
    /// A native histogram's cells, if there is to be one.
    native: Box<[AtomicU64]>,
}

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
    pub(crate) fn new(pair: [SharedString; 2], bounds: Bounds, limit: Arc<SeriesLimit>) -> Self {
        Self {
            pair,
            shared: Row::new(bounds.buckets()),
            rows: Mutex::default(),
            failures: OnceLock::new(),
            more_failures: RwLock::default(),
            native: bounds.native_cells(),
            bounds,
            limit,
        }
    }

    /// Counts a start, on whichever thread.
    pub(crate) fn start(&self) {
        self.shared.start(Writers::Many);
    }

    /// Counts an end, on whichever thread.
    pub(crate) fn end(&self, nanoseconds: u64, failure: Option<Cow<'static, str>>) {
        self.end_in(&self.shared, Writers::Many, nanoseconds, failure);
    }

    /// Has these failures start at zero.
    pub(crate) fn declare_failures(&self, labels: &[&'static str]) {
        let _busy = reentry::enter();
        for label in labels {
            self.limit.admit_failure(&self.pair, label);
            if self.place(&Cow::Borrowed(label)).is_none() {
                let mut more = self
                    .more_failures
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                more.entry(Cow::Borrowed(label)).or_default();
            }
        }
    }

    /// Reads all there is.
    pub(crate) fn read(&self, counts: &mut RequestCounts) {
        let rows = self.rows();
        let sum =
            |shared: u64, of: fn(&Row) -> u64| rows.iter().map(of).fold(shared, u64::wrapping_add);
        counts.buckets.clear();
        counts
            .buckets
            .extend((0..self.bounds.buckets()).map(|it| self.shared.bucket(it)));
        for row in &*rows {
            for (bucket, count) in counts.buckets.iter_mut().enumerate() {
                *count = count.wrapping_add(row.bucket(bucket));
            }
        }
        counts.nanoseconds = sum(self.shared.nanoseconds(), Row::nanoseconds);
        counts.failed.clear();
        for (place, label) in self.labels().enumerate() {
            let shared = self.shared.failed(place);
            let all = rows.iter().map(|row| row.failed(place));
            let count = all.fold(shared, u64::wrapping_add);
            counts.failed.push((label.clone(), count));
        }
        let more = self
            .more_failures
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let failed = more.iter();
        let failed = failed.map(|(label, count)| (label.clone(), count.load(Ordering::Acquire)));
        counts.failed.extend(failed);
        drop(more);
        // Next to each other, so that few requests start between the two.
        counts.succeeded = sum(self.shared.succeeded(), Row::succeeded);
        counts.started = sum(self.shared.started(), Row::started);
    }

    /// The cells of the native histogram; empty if there is none.
    #[cfg(feature = "protobuf")]
    pub(crate) fn native(&self) -> Vec<u64> {
        let cells = self.native.iter();
        cells.map(|cell| cell.load(Ordering::Relaxed)).collect()
    }

    /// Counts an end in a row.
    #[inline]
    fn end_in(
        &self,
        row: &Row,
        writers: Writers,
        nanoseconds: u64,
        failure: Option<Cow<'static, str>>,
    ) {
        row.observe(
            self.bounds.index_of_nanoseconds(nanoseconds),
            nanoseconds,
            writers,
        );
        count_native(&self.native, nanoseconds);
        match failure {
            None => row.succeed(writers),
            Some(error_type) => self.fail_in(row, writers, error_type),
        }
    }

    fn fail_in(&self, row: &Row, writers: Writers, error_type: Cow<'static, str>) {
        if let Some(place) = self.known_place(&error_type) {
            return row.fail(place, writers);
        }
        {
            let more = self
                .more_failures
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = more.get(&error_type) {
                count.fetch_add(1, Ordering::Release);
                return;
            }
        }
        let _busy = reentry::enter();
        let label = self.admit_error(error_type);
        if let Some(place) = self.place(&label) {
            return row.fail(place, writers);
        }
        let mut more = self
            .more_failures
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        more.entry(label)
            .or_default()
            .fetch_add(1, Ordering::Release);
    }

    /// The labels of the failures that have a counter in each row.
    fn labels(&self) -> impl Iterator<Item = &Cow<'static, str>> {
        let places = self
            .failures
            .get()
            .into_iter()
            .flat_map(|places| places.iter());
        places.map_while(OnceLock::get)
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
        let places = self.failures.get_or_init(Box::default);
        // Whoever comes first fills a place; the others look whether it is the one they need.
        places
            .iter()
            .position(|place| place.get_or_init(|| label.clone()) == label)
    }

    fn admit_error(&self, error_type: Cow<'static, str>) -> Cow<'static, str> {
        let [agent, operation] = &self.pair;
        let mut row = [agent.clone(), operation.clone(), error_type.into()];
        self.limit.series(catalog::REQUESTS_FAILED, &mut row);
        let [_, _, label] = row;
        label.into()
    }

    /// Adds a row of zeros for a thread.
    fn join(&self) -> Row {
        let row = Row::new(self.bounds.buckets());
        self.rows().push(row.clone());
        row
    }

    /// Takes the row of a thread that ends.
    fn leave(&self, row: &Row) {
        let mut rows = self.rows();
        rows.retain(|other| !other.is(row));
        self.shared.take_over(row);
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
