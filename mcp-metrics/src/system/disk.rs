//! The space of a file system.

use std::path::Path;

/// Bytes of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Space {
    /// In use.
    pub(super) used: u64,
    /// Free for programs without privileges.
    pub(super) free: u64,
}

impl Space {
    /// The file system that holds `path`, if it has a size.
    ///
    /// sysinfo does not tell what is used from what is reserved. A file system that keeps much in
    /// reserve would look full, so the system is asked itself; `df` counts the same way.
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

    /// The file system that holds `path`, if it has a size.
    #[cfg(not(unix))]
    pub(super) fn of(path: &Path) -> Option<Self> {
        use sysinfo::{DiskRefreshKind, Disks};

        let path = path.canonicalize().ok()?;
        // Only the list: asking every drive for its size may hang on a network's.
        let mut disks =
            Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing()).ok()?;
        let holding = disks
            .iter_mut()
            .filter(|disk| path.starts_with(disk.mount_point()));
        let disk = holding.max_by_key(|disk| disk.mount_point().components().count())?;
        disk.refresh_specifics(DiskRefreshKind::nothing().with_storage());
        let free = disk.available_space();
        let used = disk.total_space().saturating_sub(free);
        (disk.total_space() > 0).then_some(Self { used, free })
    }
}
