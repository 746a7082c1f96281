//! Disk space of a file system.

use std::path::Path;

/// Used and free bytes of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Space {
    pub(super) used: u64,
    /// Available to unprivileged processes.
    pub(super) free: u64,
}

impl Space {
    /// Returns the space of the file system that contains `path`, if it has a size.
    ///
    /// Calls `statvfs` directly, because sysinfo counts reserved blocks as used, so that a file
    /// system with a large reserve would look full. `df` counts the same way as this function.
    #[cfg(unix)]
    pub(super) fn of(path: &Path) -> Option<Self> {
        let stat = rustix::fs::statvfs(path).ok()?;
        let space = Self {
            used: stat
                .f_blocks
                .saturating_sub(stat.f_bfree)
                .saturating_mul(stat.f_frsize),
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
        };
        (stat.f_blocks > 0).then_some(space)
    }

    /// Returns the space of the file system that contains `path`, if it has a size.
    #[cfg(not(unix))]
    pub(super) fn of(path: &Path) -> Option<Self> {
        use sysinfo::{DiskRefreshKind, Disks};

        let path = path.canonicalize().ok()?;
        // Lists the disks without their sizes: querying the size of a network drive may hang.
        let mut disks =
            Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing()).ok()?;
        let containing = disks
            .iter_mut()
            .filter(|disk| path.starts_with(disk.mount_point()));
        let disk = containing.max_by_key(|disk| disk.mount_point().components().count())?;
        disk.refresh_specifics(DiskRefreshKind::nothing().with_storage());
        let free = disk.available_space();
        let used = disk.total_space().saturating_sub(free);
        (disk.total_space() > 0).then_some(Self { used, free })
    }
}
