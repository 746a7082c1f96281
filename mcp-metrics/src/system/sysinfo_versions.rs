//! Differences between the supported versions of sysinfo: 0.38, which the minimum Rust version can
//! build, to 0.40, which needs Rust 1.95.

use sysinfo::System;

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
