//! Disk space of a file system.

use std::io;
use std::path::Path;

/// Used and free bytes of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::system) struct Space {
    pub(in crate::system) used: u64,
    /// Available to unprivileged processes.
    pub(in crate::system) free: u64,
}

impl Space {
    /// Returns the space of the file system that contains `path`. A file system without a size,
    /// such as `/proc`, is an error.
    ///
    /// Calls `statvfs` directly, because sysinfo counts reserved blocks as used, so that a file
    /// system with a large reserve would look full. `df` counts the same way as this function.
    #[cfg(unix)]
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let stat = rustix::fs::statvfs(path)?;
        let used = stat.f_blocks.saturating_sub(stat.f_bfree);
        let space = Self {
            used: used.saturating_mul(stat.f_frsize),
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
        };
        space.with_size()
    }

    /// Returns the space of the file system that contains `path`. A file system without a size is
    /// an error.
    #[cfg(not(unix))]
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        use sysinfo::{DiskRefreshKind, Disks};

        let path = path.canonicalize()?;
        // Lists the disks without their sizes: querying the size of a network drive may hang.
        let disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing());
        let mut disks = disks.ok().ok_or_else(without_size)?;
        let containing = disks
            .iter_mut()
            .filter(|disk| path.starts_with(disk.mount_point()));
        let disk = containing.max_by_key(|disk| disk.mount_point().components().count());
        let disk = disk.ok_or_else(without_size)?;
        disk.refresh_specifics(DiskRefreshKind::nothing().with_storage());
        let free = disk.available_space();
        let used = disk.total_space().saturating_sub(free);
        Self { used, free }.with_size()
    }

    fn with_size(self) -> io::Result<Self> {
        let has_size = self.used > 0 || self.free > 0;
        has_size.then_some(self).ok_or_else(without_size)
    }
}

fn without_size() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "its file system has no size")
}
