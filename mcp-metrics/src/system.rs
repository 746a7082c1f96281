//! The state of the machine: processor, memory and disk, sampled on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fmt, io};

use sysinfo::{
    CpuRefreshKind, DiskRefreshKind, Disks, MINIMUM_CPU_UPDATE_INTERVAL, MemoryRefreshKind, Pid,
    ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System, get_current_pid,
};

use crate::catalog;
use crate::recorder::MetricsRecorder;

/// Samples the machine until it is stopped.
#[derive(Debug)]
pub(crate) struct Sampler {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Sampler {
    /// Takes the first sample now, so that the first scrape has values, and the others on a
    /// thread: after the shortest time that tells the use of a processor, then at each interval.
    pub(crate) fn start(
        recorder: MetricsRecorder,
        interval: Duration,
        disk_path: &Path,
    ) -> io::Result<Self> {
        let mut machine = Machine::new(disk_path);
        machine.sample(&recorder);
        let (stop, stopped) = channel();
        let thread = thread::Builder::new()
            .name("mcp-metrics-system".into())
            .spawn(move || {
                let mut pause = MINIMUM_CPU_UPDATE_INTERVAL.min(interval);
                while waits(&stopped, pause) {
                    machine.sample(&recorder);
                    pause = interval;
                }
            })?;
        Ok(Self { stop, thread })
    }

    /// Ends the thread.
    pub(crate) fn stop(self) {
        drop(self.stop);
        // A thread that panicked is over too.
        let _ = self.thread.join();
    }
}

/// Waits for `pause`; false if the sampler is stopped meanwhile.
fn waits(stopped: &Receiver<()>, pause: Duration) -> bool {
    stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout)
}

/// What is sampled.
struct Machine {
    system: Option<System>,
    process: Option<Pid>,
    disks: Option<Disks>,
    disk_path: PathBuf,
    warned: Warned,
}

/// Which values the log has called unknown already.
#[derive(Default)]
struct Warned {
    system: bool,
    disk: bool,
}

impl Machine {
    fn new(disk_path: &Path) -> Self {
        let refreshes = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing().with_usage())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        Self {
            system: System::new_with_specifics(refreshes).ok(),
            process: get_current_pid().ok(),
            // Only the list: asking every file system for its size may hang on a network's.
            disks: Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing()).ok(),
            disk_path: disk_path
                .canonicalize()
                .unwrap_or_else(|_| disk_path.to_owned()),
            warned: Warned::default(),
        }
    }

    fn sample(&mut self, recorder: &MetricsRecorder) {
        self.sample_system(recorder);
        self.sample_disk(recorder);
    }

    fn sample_system(&mut self, recorder: &MetricsRecorder) {
        let Some(system) = &mut self.system else {
            if !std::mem::replace(&mut self.warned.system, true) {
                tracing::warn!("this system's processor and memory use cannot be read");
            }
            return;
        };
        system.refresh_cpu_usage();
        let cpu = f64::from(system.global_cpu_usage());
        if cpu.is_finite() {
            recorder.set_gauge(catalog::CPU_USAGE, cpu.clamp(0.0, 100.0));
        }
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let memory = Memory::of(system, self.process);
        if let Some(percent) = percent(memory.total.saturating_sub(memory.available), memory.total)
        {
            recorder.set_gauge(catalog::MEMORY_USAGE, percent);
            recorder.set_gauge(catalog::MEMORY_AVAILABLE, as_f64(memory.available));
        }
    }

    fn sample_disk(&mut self, recorder: &MetricsRecorder) {
        let path = &self.disk_path;
        let disk = self.disks.as_mut().and_then(|disks| {
            let holding = disks
                .iter_mut()
                .filter(|d| path.starts_with(d.mount_point()));
            // Of two file systems at one point, the later hides the earlier.
            holding.max_by_key(|disk| disk.mount_point().components().count())
        });
        let space = disk.map(|disk| {
            disk.refresh_specifics(DiskRefreshKind::nothing().with_storage());
            (disk.available_space(), disk.total_space())
        });
        let known = space
            .and_then(|(free, total)| Some((free, percent(total.saturating_sub(free), total)?)));
        match known {
            Some((free, percent)) => {
                recorder.set_gauge(catalog::DISK_USAGE, percent);
                recorder.set_gauge(catalog::DISK_FREE, as_f64(free));
            }
            None if !std::mem::replace(&mut self.warned.disk, true) => tracing::warn!(
                path = %path.display(),
                "no file system with a size holds the path; its disk metrics are left out",
            ),
            None => {}
        }
    }
}

/// Memory that this process can use, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Memory {
    total: u64,
    available: u64,
}

impl Memory {
    /// The machine's memory, or what the control group of `process` leaves of it.
    fn of(system: &mut System, process: Option<Pid>) -> Self {
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

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (as_f64(part) / as_f64(whole) * 100.0).clamp(0.0, 100.0))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes up to 8 PiB are exact, more are close"
)]
fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("disk_path", &self.disk_path)
            .finish_non_exhaustive()
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

    #[test]
    fn percentages_need_a_whole() {
        assert_eq!(percent(1, 4), Some(25.0));
        assert_eq!(percent(1, 0), None);
    }
}
