//! Memory, of the machine or of the control group that limits this process.

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Memory that this process can use, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) total: u64,
    pub(super) available: u64,
}

impl Memory {
    /// What the refreshed `system` has, or what the control group of `process` leaves of it.
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

    /// What a limit leaves. The group's page cache is not counted as used: the kernel takes it
    /// back before the limit bites, and a group that has read many files would look full.
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
    fn a_group_s_limit_replaces_the_machine_s_memory() {
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
        // No limit at all is written as a huge one.
        assert_eq!(machine.within(u64::MAX, 100), machine);
        assert_eq!(machine.within(0, 0), machine);
    }
}
