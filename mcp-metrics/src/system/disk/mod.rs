//! Disk usage, sampled on a thread of its own: a file system that does not respond, such as one of
//! a dead server, blocks the calling thread without a limit.

#[cfg(unix)]
mod mount;
mod space;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::availability::Availability;
use super::{as_f64, percent};
use crate::catalog;
use crate::recorder::MetricsRecorder;

#[cfg(unix)]
use mount::MountPoint;
pub(super) use space::Space;

/// The longest time that a file system may take to respond.
const MAX_RESPONSE_TIME: Duration = Duration::from_secs(1);

/// The disk's gauges and the requests to the thread that samples it.
pub(super) struct Disk {
    requests: Sender<()>,
    path: PathBuf,
    response_time: Duration,
    /// The time of the request that has no response yet.
    requested: Option<Instant>,
    /// Whether the response to this request is late.
    is_late: bool,
    availability: Availability,
}

impl Disk {
    /// Starts the thread. It passes each response to `respond` and ends when the disk is dropped,
    /// or later if the file system does not respond.
    pub(super) fn start(
        path: PathBuf,
        interval: Duration,
        respond: impl Fn(io::Result<Space>) + Send + 'static,
    ) -> io::Result<Self> {
        let (requests, requested) = channel();
        let sampled = path.clone();
        thread::Builder::new()
            .name("mcp-metrics-disk".into())
            .spawn(move || answer(&requested, &sampled, respond))?;
        Ok(Self {
            requests,
            path,
            response_time: MAX_RESPONSE_TIME.min(interval),
            requested: None,
            is_late: false,
            availability: Availability::new("disk usage"),
        })
    }

    /// Requests a sample, unless one is in flight.
    pub(super) fn request(&mut self) {
        // The thread can only have ended by a panic; then, the request gets no response.
        if self.requested.is_none() {
            let _ = self.requests.send(());
            self.requested = Some(Instant::now());
        }
    }

    /// Returns whether a request waits for its response.
    pub(super) fn is_pending(&self) -> bool {
        self.requested.is_some() && !self.is_late
    }

    /// Returns when the response to the request in flight is late.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let requested = self.requested.filter(|_| !self.is_late)?;
        requested.checked_add(self.response_time)
    }

    /// Clears the gauges if the response to the request in flight is late.
    pub(super) fn check_deadline(&mut self, recorder: &MetricsRecorder) {
        if self
            .deadline()
            .is_some_and(|deadline| Instant::now() >= deadline)
        {
            self.is_late = true;
            let waited = format!(
                "the file system of {} does not respond within {:?}",
                self.path.display(),
                self.response_time
            );
            self.availability.lost(&waited);
            set(recorder, None);
        }
    }

    /// Sets the gauges to a response.
    pub(super) fn receive(&mut self, space: io::Result<Space>, recorder: &MetricsRecorder) {
        self.check_deadline(recorder);
        self.requested = None;
        let was_late = std::mem::take(&mut self.is_late);
        match space {
            // A file system that is late again and again is logged once.
            Ok(_) if was_late => {}
            Ok(_) => self.availability.found(),
            Err(ref error) => {
                let reason = format!("{}: {error}", self.path.display());
                self.availability.lost(&reason);
            }
        }
        set(recorder, space.ok());
    }
}

/// Answers requests until their sender is dropped.
fn answer(requested: &Receiver<()>, path: &std::path::Path, respond: impl Fn(io::Result<Space>)) {
    #[cfg(unix)]
    let mut mount = MountPoint::default();
    while requested.recv().is_ok() {
        #[cfg(unix)]
        let space = mount.check(path).and_then(|()| Space::of(path));
        #[cfg(not(unix))]
        let space = Space::of(path);
        respond(space);
    }
}

/// Sets or clears the gauges.
fn set(recorder: &MetricsRecorder, space: Option<Space>) {
    let usage = space.and_then(|Space { used, free }| percent(used, used.saturating_add(free)));
    recorder.set_or_clear_gauge(catalog::DISK_USAGE, usage);
    let free = space.map(|space| as_f64(space.free));
    recorder.set_or_clear_gauge(catalog::DISK_FREE, free);
}
