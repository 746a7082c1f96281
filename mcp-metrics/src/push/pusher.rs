//! The handle to the background thread that pushes.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::client::Client;
use super::report::print_without_subscriber;
use super::worker::{SHUTDOWN_TIMEOUT, Stop, Worker, count};
use super::{PushError, Target};
use crate::metrics_source::MetricsSource;

/// How long [`Pusher::shutdown`] waits beyond the deadline that the thread itself keeps.
const JOIN_SLACK: Duration = Duration::from_millis(500);

/// A handle to the thread that pushes.
#[derive(Debug)]
pub(crate) struct Pusher {
    stop: Sender<Stop>,
    ended: Receiver<Result<(), PushError>>,
    thread: JoinHandle<()>,
    url: String,
}

impl Pusher {
    /// Starts a thread that pushes the metrics at each interval.
    pub(crate) fn start(source: MetricsSource, target: Target) -> io::Result<Self> {
        // Exports both series at zero: `rate` and `increase` ignore the first sample of a series.
        let recorder = source.recorder().clone();
        count(&recorder, "success", 0);
        count(&recorder, "failure", 0);
        let (stop, stopped) = channel();
        let (ending, ended) = channel();
        let url = target.url.clone();
        let worker = Worker {
            recorder,
            source,
            interval: target.interval,
            pushes_all: target.pushes_all,
            deletes: target.deletes,
            client: Client::new(target),
            stopped,
            pushed_success: None,
            outage: None,
        };
        let thread = thread::Builder::new()
            .name("mcp-metrics-push".into())
            .spawn(move || {
                if let Some(result) = worker.run() {
                    // The receiver is gone if the shutdown no longer waits.
                    let _ = ending.send(result);
                }
            })?;
        Ok(Self {
            stop,
            ended,
            thread,
            url,
        })
    }

    /// Pushes a last time, or deletes the group, and waits for the thread, at most for
    /// [`SHUTDOWN_TIMEOUT`] plus [`JOIN_SLACK`].
    pub(crate) fn shutdown(self) -> Result<(), PushError> {
        let _ = self.stop.send(Stop(Instant::now()));
        match self.ended.recv_timeout(SHUTDOWN_TIMEOUT + JOIN_SLACK) {
            Ok(result) => {
                let _ = self.thread.join();
                result
            }
            Err(RecvTimeoutError::Timeout) => {
                let event = "push still in flight at shutdown; not waiting for it";
                tracing::warn!(url = self.url, "{event}");
                print_without_subscriber(format_args!("{event}: {}", self.url));
                Err(PushError::Timeout { url: self.url })
            }
            Err(RecvTimeoutError::Disconnected) => {
                let _ = self.thread.join();
                Err(PushError::Panicked)
            }
        }
    }

    /// Stops the thread without a last push and without waiting for it.
    pub(crate) fn abort(self) {
        drop(self.stop);
    }
}
