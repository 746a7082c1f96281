//! System metrics: CPU, memory and disk usage, sampled on a background thread.

mod disk;
mod memory;
mod sysinfo_versions;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sysinfo::{
    CpuRefreshKind, MINIMUM_CPU_UPDATE_INTERVAL, MemoryRefreshKind, Pid, RefreshKind, System,
    get_current_pid,
};

use crate::catalog;
use crate::recorder::MetricsRecorder;

use disk::Space;
use memory::Memory;
use sysinfo_versions::IntoSystem as _;

/// The thread that samples the system metrics.
#[derive(Debug)]
pub(crate) struct Sampler {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Sampler {
    /// Takes the first sample and starts the thread that takes the others.
    ///
    /// The first sample is immediate, so that the first scrape has values; its CPU usage is the
    /// average since boot. The second follows after the shortest time over which CPU usage can be
    /// measured, the others at each interval.
    pub(crate) fn start(
        recorder: MetricsRecorder,
        interval: Duration,
        disk_path: PathBuf,
    ) -> io::Result<Self> {
        let mut machine = Machine::new(disk_path);
        machine.sample(&recorder);
        let (stop, stopped) = channel();
        let thread = thread::Builder::new()
            .name("mcp-metrics-system".into())
            .spawn(move || {
                let mut pause = MINIMUM_CPU_UPDATE_INTERVAL.min(interval);
                while sleep(&stopped, pause) {
                    machine.sample(&recorder);
                    pause = interval;
                }
            })?;
        Ok(Self { stop, thread })
    }

    /// Stops the thread and waits for it.
    pub(crate) fn shutdown(self) {
        drop(self.stop);
        // `Err` means that the thread panicked, which also ends it.
        let _ = self.thread.join();
    }
}

/// Sleeps for `pause`. Returns false if the sampler is stopped meanwhile.
fn sleep(stopped: &Receiver<()>, pause: Duration) -> bool {
    stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout)
}

/// The sources of the samples.
struct Machine {
    system: Option<System>,
    process: Option<Pid>,
    disk_path: PathBuf,
    warned: Warned,
}

/// Which values were already logged as unavailable.
#[derive(Default)]
struct Warned {
    system: bool,
    disk: bool,
}

impl Machine {
    fn new(disk_path: PathBuf) -> Self {
        let refreshes = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::everything())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        Self {
            system: System::new_with_specifics(refreshes).into_system(),
            process: get_current_pid().ok(),
            disk_path,
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
                tracing::warn!("CPU and memory usage unavailable; their metrics are left out");
            }
            return;
        };
        system.refresh_cpu_usage();
        let cpu = f64::from(system.global_cpu_usage());
        if cpu.is_finite() {
            recorder.set_gauge(catalog::CPU_USAGE, cpu.clamp(0.0, 100.0));
        }
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let Memory { total, available } = Memory::of(system, self.process);
        if let Some(percent) = percent(total.saturating_sub(available), total) {
            recorder.set_gauge(catalog::MEMORY_USAGE, percent);
            recorder.set_gauge(catalog::MEMORY_AVAILABLE, as_f64(available));
        }
    }

    fn sample_disk(&mut self, recorder: &MetricsRecorder) {
        let space = Space::of(&self.disk_path);
        let usage = space.and_then(|Space { used, free }| {
            Some((percent(used, used.saturating_add(free))?, free))
        });
        if let Some((percent, free)) = usage {
            recorder.set_gauge(catalog::DISK_USAGE, percent);
            recorder.set_gauge(catalog::DISK_FREE, as_f64(free));
        } else if !std::mem::replace(&mut self.warned.disk, true) {
            tracing::warn!(
                path = %self.disk_path.display(),
                "disk usage unavailable; its metrics are left out",
            );
        }
    }
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (as_f64(part) / as_f64(whole) * 100.0).clamp(0.0, 100.0))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "byte counts up to 8 PiB are exact, larger ones are rounded"
)]
fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}
