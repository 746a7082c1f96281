//! Storage of recorded values, in shards that threads write without sharing a cache line.
//!
//! Two threads that write to one cache line wait for each other, which is most of what counting
//! costs. So each thread has a shard of its own for each callsite that it has executed, and caches
//! shards for dynamic labels. A snapshot adds the shards up. When a thread ends, its shards are
//! merged into a shared one, which also receives recordings without a shard: of other labels, and
//! during thread-local destruction.

mod cardinality;
mod counters;
mod failures;
pub(crate) mod histogram;
mod intern;
mod local;
mod request_counts;
mod request_shard;
mod requests;
mod shard;
mod shards;

pub(crate) use cardinality::{CardinalityLimiter, DEFAULT_LIMIT, LabelSource};
pub(crate) use counters::CounterSeries;
pub use histogram::InvalidBuckets;
pub(crate) use intern::{Found, InternTable, Interned, hash_labels};
pub(crate) use local::Place;
pub(crate) use request_counts::RequestCounts;
pub(crate) use requests::{RequestSeries, SeriesConfig};
