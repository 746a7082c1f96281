//! A snapshot of a request series.

use std::borrow::Cow;

use super::request_shard as layout;

/// A snapshot of a [`RequestSeries`](super::RequestSeries).
#[derive(Debug, Default)]
pub(crate) struct RequestCounts {
    /// The sums of all shards.
    pub(super) sums: Vec<u64>,
    /// Failures by `error_type`, unsorted.
    pub(crate) failed: Vec<(Cow<'static, str>, u64)>,
}

impl RequestCounts {
    /// Returns the number of requests started.
    pub(crate) fn started(&self) -> u64 {
        self.sums[layout::STARTED]
    }

    /// Returns the number of successful requests.
    pub(crate) fn succeeded(&self) -> u64 {
        self.sums[layout::SUCCEEDED]
    }

    /// Returns the sum of the durations.
    pub(crate) fn nanoseconds(&self) -> u64 {
        self.sums[layout::NANOSECONDS]
    }

    /// Returns ended requests by the bucket of their duration, not cumulative.
    pub(crate) fn buckets(&self) -> &[u64] {
        &self.sums[layout::BUCKETS..]
    }

    /// Returns the number of requests ended.
    fn ended(&self) -> u64 {
        let failed = self.failed.iter().map(|(_, count)| count);
        self.succeeded() + failed.sum::<u64>()
    }

    /// Returns the number of requests in flight.
    pub(crate) fn in_flight(&self) -> u64 {
        self.started().saturating_sub(self.ended())
    }

    /// Returns the number of starts and ends, which changes with each recording.
    pub(crate) fn updates(&self) -> u64 {
        self.started() + self.ended()
    }
}
