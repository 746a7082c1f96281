//! Differences between the supported versions of sysinfo: 0.38, which the minimum Rust version can
//! build, to 0.40, which needs Rust 1.95.

use sysinfo::{CGroupLimits, Process, System};

/// The result of creating a [`System`]: fallible from 0.40 on.
pub(super) trait IntoSystem {
    /// Returns the system if it is supported.
    fn into_system(self) -> Option<System>;
}

impl IntoSystem for System {
    fn into_system(self) -> Option<System> {
        Some(self)
    }
}

impl<E> IntoSystem for Result<System, E> {
    fn into_system(self) -> Option<System> {
        self.ok()
    }
}

/// The limits of a process' control group, which 0.38 cannot read.
///
/// The method of later versions has the same name and takes precedence, because it is inherent.
#[allow(dead_code, reason = "only used with sysinfo 0.38")]
pub(super) trait ControlGroup {
    /// Returns `None`.
    fn cgroup_limits(&self) -> Option<CGroupLimits>;
}

impl ControlGroup for Process {
    fn cgroup_limits(&self) -> Option<CGroupLimits> {
        None
    }
}
