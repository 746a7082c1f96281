//! Memory of the machine, or of the control group that limits this process.

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

#[allow(unused_imports, reason = "only used with sysinfo 0.38")]
use super::sysinfo_versions::ControlGroup as _;

/// The memory that this process can use, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) total: u64,
    pub(super) available: u64,
}

impl Memory {
    /// Returns the memory of the refreshed `system`, or of the control group of `process` if its
    /// limit is lower.
    pub(super) fn of(system: &mut System, process: Option<Pid>) -> Self {
        let machine = Self {
            total: system.total_memory(),
            available: system.available_memory(),
        };
        let of_process = process.and_then(|pid| {
            let only = ProcessesToUpdate::Some(std::slice::from_ref(&pid));
            system.refresh_processes_specifics(only, false, ProcessRefreshKind::nothing());
            system.process(pid)?.cgroup_limits()
        });
        match of_process.or_else(|| system.cgroup_limits()) {
            Some(group) => machine.within(group.total_memory, group.rss),
            None => machine,
        }
    }

    /// Applies the limit of a control group.
    ///
    /// `used` excludes the group's page cache: the kernel reclaims it before the limit takes effect,
    /// and a group that has read many files would look full.
    fn within(self, limit: u64, used: u64) -> Self {
        if limit == 0 || limit >= self.total {
            return self;
        }
        Self {
            total: limit,
            available: limit.saturating_sub(used).min(self.available),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cgroup_limit_below_total_replaces_machine_memory() {
        let machine = Memory {
            total: 1_000,
            available: 600,
        };
        assert_eq!(
            machine.within(400, 100),
            Memory {
                total: 400,
                available: 300
            }
        );
        assert_eq!(
            machine.within(900, 10),
            Memory {
                total: 900,
                available: 600
            }
        );
        assert_eq!(
            machine.within(400, 500),
            Memory {
                total: 400,
                available: 0
            }
        );
        // cgroups report a missing limit as a huge one.
        assert_eq!(machine.within(u64::MAX, 100), machine);
        assert_eq!(machine.within(0, 0), machine);
    }
}
