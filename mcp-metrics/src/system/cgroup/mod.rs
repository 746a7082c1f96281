//! The control groups of this process and the limits that they set, in cgroup v1, v2 and hybrid
//! setups.
//!
//! Formats: <https://docs.kernel.org/admin-guide/cgroup-v2.html> and
//! <https://docs.kernel.org/admin-guide/cgroup-v1/index.html>.

mod cpu;
mod files;
mod hierarchy;
mod memory;
mod mounts;
#[cfg(all(test, unix))]
mod tree;

pub(super) use cpu::{QuotaMeter, QuotaUsage};
pub(super) use hierarchy::ControlGroups;
pub(super) use memory::tightest_memory;
