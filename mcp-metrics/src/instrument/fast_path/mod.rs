//! Recording in shards, while the recorder that `install` made global is current.
//!
//! `no_fast_path.rs` replaces this module in a crate without the feature `exporter`.

mod callsite_series;
mod registry;
mod sharded_counter;
mod zero_series;

pub(super) use crate::storage::RequestSeries;
pub(super) use callsite_series::CallsiteSeries;
pub(crate) use registry::GlobalRegistry;
pub(super) use sharded_counter::ShardedCounter;
