//! CPU and memory usage of the machine, or of the control groups that limit this process.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use super::as_f64;
use super::availability::Availability;
use super::cgroup::{ControlGroups, QuotaMeter, QuotaUsage, tightest_memory};
use super::memory::Memory;
use super::sysinfo_versions::IntoSystem as _;
use crate::catalog;
use crate::recorder::MetricsRecorder;

/// The time over which the usage of a quota is measured first, so that it is known from the first
/// sample on. Short, because `install` waits for this sample.
const FIRST_QUOTA_WINDOW: Duration = Duration::from_millis(20);

/// The sources of CPU and memory usage.
pub(super) struct Machine {
    system: Option<System>,
    quota: QuotaMeter,
    /// The directory of this process in `/proc`.
    process: PathBuf,
    cpu: Availability,
    memory: Availability,
}

/// The groups of the process, if the system has any.
type Groups<'a> = io::Result<Option<&'a ControlGroups>>;

impl Machine {
    pub(super) fn new() -> Self {
        let refreshes = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::everything())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        Self {
            system: System::new_with_specifics(refreshes).into_system(),
            quota: QuotaMeter::default(),
            process: "/proc/self".into(),
            cpu: Availability::new("CPU usage"),
            memory: Availability::new("memory usage"),
        }
    }

    /// Sets the gauges. Clears those whose value is unknown.
    pub(super) fn sample(&mut self, recorder: &MetricsRecorder) {
        let groups = ControlGroups::read(&self.process);
        let groups = || match &groups {
            Ok(groups) => Ok(groups.as_ref()),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        match self.cpu_usage(groups()) {
            Ok(usage) => {
                self.cpu.found();
                recorder.set_or_clear_gauge(catalog::CPU_USAGE, usage);
            }
            Err(error) => {
                self.cpu.lost(&error);
                recorder.set_or_clear_gauge(catalog::CPU_USAGE, None);
            }
        }
        let memory = self.memory(groups());
        match &memory {
            Ok(_) => self.memory.found(),
            Err(error) => self.memory.lost(error),
        }
        let memory = memory.ok();
        let usage = memory.map(Memory::usage_percent);
        recorder.set_or_clear_gauge(catalog::MEMORY_USAGE, usage);
        let available = memory.map(|memory| as_f64(memory.available));
        recorder.set_or_clear_gauge(catalog::MEMORY_AVAILABLE, available);
    }

    /// Returns the used part of the quota or of all cores, in percent. Returns `None` if the groups
    /// have changed meanwhile.
    fn cpu_usage(&mut self, groups: Groups<'_>) -> io::Result<Option<f64>> {
        let system = self.system.as_mut().ok_or_else(unsupported)?;
        require("/proc/stat")?;
        system.refresh_cpu_usage();
        let cores = system.cpus().len();
        let usage = f64::from(system.global_cpu_usage());
        // Without cores, the source could not be read, and the usage is zero.
        if cores == 0 || !usage.is_finite() {
            return Err(unsupported());
        }
        let Some(groups) = groups? else {
            return Ok(Some(usage.clamp(0.0, 100.0)));
        };
        let mut quota = self.quota.sample(groups, cores, Instant::now())?;
        if quota == QuotaUsage::Pending {
            thread::sleep(FIRST_QUOTA_WINDOW);
            quota = self.quota.sample(groups, cores, Instant::now())?;
        }
        Ok(match quota {
            QuotaUsage::NoQuota => Some(usage.clamp(0.0, 100.0)),
            QuotaUsage::Percent(percent) => Some(percent),
            QuotaUsage::Pending => None,
        })
    }

    /// Returns the memory of the machine or of a group, according to which has less available.
    fn memory(&mut self, groups: Groups<'_>) -> io::Result<Memory> {
        let system = self.system.as_mut().ok_or_else(unsupported)?;
        require("/proc/meminfo")?;
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let total = system.total_memory();
        if total == 0 {
            return Err(unsupported());
        }
        let machine = Memory {
            total,
            available: system.available_memory().min(total),
        };
        let group = match groups? {
            Some(groups) => tightest_memory(groups, total)?,
            None => None,
        };
        Ok(group.map_or(machine, |group| group.tighter(machine)))
    }
}

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "not supported on this system")
}

/// Checks that a source of sysinfo can be opened: if it cannot, sysinfo keeps the previous values.
fn require(path: &str) -> io::Result<()> {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        let opened = std::fs::File::open(Path::new(path));
        opened.map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
    }
    Ok(())
}
