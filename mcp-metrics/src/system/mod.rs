//! System metrics: CPU, memory and disk usage, sampled on background threads.

mod availability;
mod cgroup;
mod disk;
mod machine;
mod memory;
#[cfg(feature = "process")]
mod process;
mod sysinfo_versions;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sysinfo::MINIMUM_CPU_UPDATE_INTERVAL;

use crate::recorder::MetricsRecorder;

use disk::{Disk, Space};
use machine::Machine;
#[cfg(feature = "process")]
pub(crate) use process::ProcessMetrics;

/// The longest time that [`Sampler::start`] waits for the first sample, and [`Sampler::shutdown`]
/// for the end of the last one.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// A handle to the threads that sample the system metrics.
#[derive(Debug)]
pub(crate) struct Sampler {
    stop: StopOnDrop,
    ended: Receiver<()>,
    thread: JoinHandle<()>,
}

/// Stops the sampler's thread when it is dropped.
#[derive(Debug)]
struct StopOnDrop(Sender<Event>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(Event::Stop);
    }
}

/// A message to the sampler's thread.
enum Event {
    /// A response of the disk's thread.
    Disk(io::Result<Space>),
    /// The sampler was shut down or dropped.
    Stop,
}

impl Sampler {
    /// Starts the threads and waits for the first sample, at most for [`MAX_WAIT`].
    ///
    /// The first sample is immediate, so that the first scrape has values; its CPU usage is the
    /// average since boot or, with a quota, that of a short time. The second follows after the
    /// shortest time over which CPU usage can be measured, the others at each interval.
    pub(crate) fn start(
        recorder: MetricsRecorder,
        interval: Duration,
        disk_path: PathBuf,
    ) -> io::Result<Self> {
        let (events, received) = channel();
        let responses = events.clone();
        // The receiver is gone after a shutdown.
        let respond = move |space| drop(responses.send(Event::Disk(space)));
        let (first, first_sample) = channel();
        let mut worker = Worker {
            disk: Disk::start(disk_path, interval, respond)?,
            recorder,
            interval,
            events: received,
            first: Some(first),
        };
        let (ending, ended) = channel();
        let thread = thread::Builder::new()
            .name("mcp-metrics-system".into())
            .spawn(move || {
                worker.run();
                drop(ending);
            })?;
        // The worker drops the sender after its first sample.
        let _ = first_sample.recv_timeout(MAX_WAIT);
        Ok(Self {
            stop: StopOnDrop(events),
            ended,
            thread,
        })
    }

    /// Stops the threads and waits for them, except for sources that do not respond.
    pub(crate) fn shutdown(self) {
        drop(self.stop);
        let ended = self.ended.recv_timeout(MAX_WAIT);
        if ended == Err(RecvTimeoutError::Disconnected) {
            // `Err` means that the thread panicked, which also ends it.
            let _ = self.thread.join();
        }
    }
}

/// The state of the thread.
struct Worker {
    disk: Disk,
    recorder: MetricsRecorder,
    interval: Duration,
    events: Receiver<Event>,
    /// Dropped after the first sample.
    first: Option<Sender<()>>,
}

impl Worker {
    fn run(&mut self) {
        let mut machine = Machine::new();
        let mut pause = MINIMUM_CPU_UPDATE_INTERVAL.min(self.interval);
        loop {
            // First: the thread of the disk samples while this one samples the machine.
            self.disk.request();
            machine.sample(&self.recorder);
            if !self.pause(pause) {
                return;
            }
            pause = self.interval;
        }
    }

    /// Handles events for the time of `pause`. Returns false if the sampler is stopped meanwhile.
    fn pause(&mut self, pause: Duration) -> bool {
        // `None`: beyond what the clock can represent.
        let end = Instant::now().checked_add(pause);
        loop {
            if !self.disk.is_pending() {
                self.first = None;
            }
            let now = Instant::now();
            if end.is_some_and(|end| end <= now) {
                return true;
            }
            let until = [end, self.disk.deadline()].into_iter().flatten().min();
            let timeout = until.map_or(pause, |until| until.saturating_duration_since(now));
            match self.events.recv_timeout(timeout) {
                Ok(Event::Disk(space)) => self.disk.receive(space, &self.recorder),
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => self.disk.check_deadline(&self.recorder),
            }
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
