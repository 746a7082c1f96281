//! One series of the request families.

use std::borrow::Cow;
use std::sync::Arc;

use metrics::SharedString;

use super::cardinality::{CardinalityLimiter, LabelSource};
use super::failures::Failures;
use super::intern::Interned;
use super::local::{self, Place};
use super::request_counts::RequestCounts;
use super::request_shard::{self as layout, FAILED};
use super::shard::{Access, Shard};
use super::shards::Shards;
use crate::catalog::{self, FamilyId};
use crate::reentrancy;
use crate::request_labels::RequestLabels;
use crate::storage::histogram::Bounds;
#[cfg(feature = "protobuf")]
use crate::storage::histogram::native;
#[cfg(feature = "protobuf")]
use crate::sync::AtomicU64;

/// The requests of one operation of one agent since the process started: started, succeeded, failed
/// by type, and their durations.
///
/// Outcomes are written with `Release` and read with `Acquire`, and starts are read after them, in
/// all shards. So a snapshot never has more requests ended than started, even if they end on other
/// threads.
#[derive(Debug)]
pub(crate) struct RequestSeries {
    labels: RequestLabels,
    pub(super) hash: u64,
    config: &'static SeriesConfig,
    pub(super) shards: Shards,
    #[cfg(feature = "protobuf")]
    native: Option<Box<[AtomicU64]>>,
    failures: Failures,
}

/// The configuration that all series share.
#[derive(Debug)]
pub(crate) struct SeriesConfig {
    /// The bucket bounds of request durations.
    pub(crate) bounds: Bounds,
    pub(crate) limiter: Arc<CardinalityLimiter>,
}

impl RequestSeries {
    pub(crate) const FAMILY: FamilyId = FamilyId::of(catalog::REQUESTS);

    /// Counts a start in the shard of a callsite.
    #[inline]
    pub(crate) fn start_at(&'static self, place: Place) {
        place.record(&self.shards, |shard, access| {
            shard.start(access);
        });
    }

    /// Counts a success in the shard of a callsite.
    #[inline]
    pub(crate) fn succeed_at(&'static self, place: Place, nanoseconds: u64) {
        place.record(&self.shards, |shard, access| {
            self.succeed_in(shard, access, nanoseconds);
        });
    }

    /// Counts a failure in the shard of a callsite.
    #[inline]
    pub(crate) fn fail_at(
        &'static self,
        place: Place,
        nanoseconds: u64,
        error_type: Cow<'static, str>,
    ) {
        // The label is resolved first: the closure then has nothing to drop.
        match self.failures.slot(&error_type) {
            Some(slot) => place.record(&self.shards, |shard, access| {
                self.observe_in(shard, access, nanoseconds);
                shard.fail(slot, access);
            }),
            None => self.fail_without_slot(nanoseconds, error_type),
        }
    }

    /// Returns the series with these labels if this thread caches its shard.
    #[inline]
    pub(crate) fn find_cached(labels: &RequestLabels, hash: u64) -> Option<&'static Self> {
        let matches = |series: &Self| series.labels == *labels;
        local::find_cached(hash, matches, |series, _| series)
    }

    /// Counts a start, on a thread that may cache a shard of the series.
    #[inline]
    pub(crate) fn start_cached(&'static self) {
        local::record_cached(self, |shard, access| {
            shard.start(access);
        });
    }

    /// Counts a success, on a thread that may cache a shard of the series.
    #[inline]
    pub(crate) fn succeed_cached(&'static self, nanoseconds: u64) {
        local::record_cached(self, |shard, access| {
            self.succeed_in(shard, access, nanoseconds);
        });
    }

    /// Counts a failure, on a thread that may cache a shard of the series.
    pub(crate) fn fail_cached(&'static self, nanoseconds: u64, error_type: Cow<'static, str>) {
        match self.failures.slot(&error_type) {
            Some(slot) => local::record_cached(self, |shard, access| {
                self.observe_in(shard, access, nanoseconds);
                shard.fail(slot, access);
            }),
            None => self.fail_without_slot(nanoseconds, error_type),
        }
    }

    /// Counts a start in the shared shard.
    pub(crate) fn start(&self) {
        self.shards.shared().start(Access::Shared);
    }

    /// Counts a success in the shared shard.
    pub(crate) fn succeed(&self, nanoseconds: u64) {
        self.succeed_in(self.shards.shared(), Access::Shared, nanoseconds);
    }

    /// Counts a failure in the shared shard.
    pub(crate) fn fail(&self, nanoseconds: u64, error_type: Cow<'static, str>) {
        match self.failures.slot(&error_type) {
            Some(slot) => self.fail_shared(slot, nanoseconds),
            None => self.fail_without_slot(nanoseconds, error_type),
        }
    }

    /// Starts these failures at zero.
    pub(crate) fn declare_failures(&self, labels: &[&'static str]) {
        let _guard = reentrancy::suppress();
        for label in labels {
            self.admit(Cow::Borrowed(label), LabelSource::Static);
        }
    }

    /// Frees the slots of the series and its failures in the cardinality limit.
    pub(crate) fn release(&self) {
        let mut counts = Vec::new();
        self.failures.rest_into(&mut counts);
        let labels = counts.iter().map(|(label, _)| label);
        for label in self.failures.slot_labels().chain(labels) {
            let failure = self.failure(label.clone());
            self.config.limiter.release_failure(&failure);
        }
        self.config
            .limiter
            .release(catalog::REQUESTS, self.labels.values());
    }

    /// Replaces the content of `counts` by the current values.
    pub(crate) fn snapshot_into(&self, counts: &mut RequestCounts) {
        counts.failed.clear();
        // Ends before starts, so that there are at least as many starts.
        self.failures.rest_into(&mut counts.failed);
        self.shards.snapshot_into(&mut counts.sums, layout::STARTED);
        // A label is assigned a cell before the cell is written.
        let labels = self.failures.slot_labels().cloned();
        let cells = counts.sums[FAILED].iter().copied();
        counts.failed.extend(labels.zip(cells));
    }

    /// Returns the cells of the native histogram, if it is enabled.
    #[cfg(feature = "protobuf")]
    pub(crate) fn native(&self) -> Option<&[AtomicU64]> {
        self.native.as_deref()
    }

    #[inline]
    fn succeed_in(&self, shard: Shard<'_>, access: Access, nanoseconds: u64) {
        self.observe_in(shard, access, nanoseconds);
        shard.succeed(access);
    }

    #[inline]
    fn observe_in(&self, shard: Shard<'_>, access: Access, nanoseconds: u64) {
        let bucket = self.config.bounds.index_of_nanoseconds(nanoseconds);
        shard.observe(bucket, nanoseconds, access);
        #[cfg(feature = "protobuf")]
        if let Some(native) = &self.native {
            native::count_nanoseconds(native, nanoseconds);
        }
    }

    fn fail_shared(&self, slot: usize, nanoseconds: u64) {
        let shard = self.shards.shared();
        self.observe_in(shard, Access::Shared, nanoseconds);
        shard.fail(slot, Access::Shared);
    }

    /// Counts a failure of a new label, or of one without a cell in the shards.
    #[cold]
    fn fail_without_slot(&self, nanoseconds: u64, error_type: Cow<'static, str>) {
        let _guard = reentrancy::suppress();
        let label = self.admit(error_type, LabelSource::Dynamic);
        match self.failures.slot(&label) {
            Some(slot) => self.fail_shared(slot, nanoseconds),
            None => {
                self.observe_in(self.shards.shared(), Access::Shared, nanoseconds);
                self.failures.add_known(&label, 1);
            }
        }
    }

    /// Returns the label under which a kind of failure is counted, and starts it at zero if it is
    /// new.
    fn admit(&self, error_type: Cow<'static, str>, source: LabelSource) -> SharedString {
        self.config.limiter.admit_failure(
            self.failure(error_type),
            source,
            |label| self.failures.is_known(label),
            |label| self.failures.add(label.clone().into()),
        )
    }

    fn failure(&self, error_type: Cow<'static, str>) -> [SharedString; 3] {
        [
            self.labels.agent().clone(),
            self.labels.operation().clone(),
            error_type.into(),
        ]
    }
}

impl Interned for RequestSeries {
    fn new(_: FamilyId, values: &[SharedString], hash: u64, config: &'static SeriesConfig) -> Self {
        let label = |index: usize| values.get(index).cloned().unwrap_or_default();
        Self {
            labels: RequestLabels::new(label(0), label(1)),
            hash,
            config,
            shards: Shards::new(layout::cells(config.bounds.buckets())),
            #[cfg(feature = "protobuf")]
            native: config.bounds.has_native().then(native::cells),
            failures: Failures::new(),
        }
    }

    fn family(&self) -> FamilyId {
        Self::FAMILY
    }

    fn values(&self) -> &[SharedString] {
        self.labels.values()
    }

    fn hash(&self) -> u64 {
        self.hash
    }
}
