//! The thread that pushes.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use metrics::Label;
use ureq::http::StatusCode;

use super::Target;
use super::client::{Client, Failure};
use crate::catalog;
use crate::exporter::Exporter;
use crate::recorder::MetricsRecorder;

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(5);

/// How long a shutdown may take, with the attempt that is under way and the last push.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// What the end of the thread may take beyond the time that it keeps to itself.
const SLACK: Duration = Duration::from_millis(500);

/// The pauses between attempts: from half a second on, twice as long each time, and somewhat more
/// or less, so that many programs don't meet a gateway that comes back all at once.
const PAUSES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(500))
    .with_factor(2.0)
    .with_max_delay(Duration::from_secs(30))
    .without_max_times()
    .with_jitter();

/// Pushes until it is stopped.
#[derive(Debug)]
pub(crate) struct Pusher {
    stop: Sender<Stop>,
    ended: Receiver<()>,
    thread: JoinHandle<()>,
}

/// A request to end with a last push, and when it was made.
#[derive(Clone, Copy, Debug)]
struct Stop(Instant);

impl Pusher {
    /// Pushes what `exporter` shows, at each interval.
    pub(crate) fn start(
        recorder: MetricsRecorder,
        exporter: Exporter,
        target: Target,
    ) -> io::Result<Self> {
        // Both from the start: Prometheus can't see an increase from nothing.
        count(&recorder, "success", 0);
        count(&recorder, "failure", 0);
        let (stop, stopped) = channel();
        let (ending, ended) = channel();
        let worker = Worker {
            recorder,
            exporter,
            interval: target.interval,
            client: Client::new(target),
            stopped,
            outage: None,
        };
        let thread = thread::Builder::new()
            .name("mcp-metrics-push".into())
            .spawn(move || {
                worker.run();
                drop(ending);
            })?;
        Ok(Self {
            stop,
            ended,
            thread,
        })
    }

    /// Pushes a last time and waits for the thread, for at most [`SHUTDOWN`] and [`SLACK`].
    pub(crate) fn shutdown(self) {
        let _ = self.stop.send(Stop(Instant::now()));
        match self.ended.recv_timeout(SHUTDOWN + SLACK) {
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!("a push is still under way; shutting down without its end");
            }
            // Also after a panic of the thread, which drops `ending`.
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                let _ = self.thread.join();
            }
        }
    }

    /// Ends the thread without a last push, and without waiting for it.
    pub(crate) fn abort(self) {
        drop(self.stop);
    }
}

/// What the thread works with.
struct Worker {
    recorder: MetricsRecorder,
    exporter: Exporter,
    client: Client,
    interval: Duration,
    stopped: Receiver<Stop>,
    outage: Option<Outage>,
}

/// The failure that the log has told of, by its kind: the answer's status, if there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outage(Option<StatusCode>);

/// Why the thread ends.
enum Ended {
    /// By [`Pusher::shutdown`]: a last push is due.
    Stopped(Stop),
    /// By [`Pusher::abort`]: nothing more is pushed.
    Aborted,
}

impl Worker {
    fn run(mut self) {
        if let Ended::Stopped(stop) = self.push_each_interval() {
            self.push_last(stop);
        }
    }

    fn push_each_interval(&mut self) -> Ended {
        let mut pause = self.interval;
        loop {
            if let Some(ended) = self.waits(pause) {
                return ended;
            }
            let started = Instant::now();
            if let Err(ended) = self.push_once_or_more(started) {
                return ended;
            }
            pause = self.interval.saturating_sub(started.elapsed());
        }
    }

    /// Waits for `pause`, or for what ends the thread.
    fn waits(&self, pause: Duration) -> Option<Ended> {
        match self.stopped.recv_timeout(pause) {
            Ok(stop) => Some(Ended::Stopped(stop)),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Ended::Aborted),
        }
    }

    /// One push, with further attempts until the interval is over.
    fn push_once_or_more(&mut self, started: Instant) -> Result<(), Ended> {
        let mut pauses = PAUSES.build();
        loop {
            let Err(failure) = self.attempt(ATTEMPT) else {
                self.succeeded();
                return Ok(());
            };
            self.failed(&failure);
            let left = self.interval.saturating_sub(started.elapsed());
            match pauses.next() {
                Some(pause) if failure.is_transient() && pause < left => {
                    if let Some(ended) = self.waits(pause) {
                        return Err(ended);
                    }
                }
                _ => {
                    count(&self.recorder, "failure", 1);
                    return Ok(());
                }
            }
        }
    }

    /// The last push, with further attempts until the time for a shutdown is over.
    fn push_last(&mut self, Stop(since): Stop) {
        let mut pauses = PAUSES.build();
        loop {
            let left = SHUTDOWN.saturating_sub(since.elapsed());
            if left.is_zero() {
                self.lost("the attempt before took all the time there was");
                return;
            }
            let Err(failure) = self.attempt(left) else {
                self.succeeded();
                return;
            };
            let left = SHUTDOWN.saturating_sub(since.elapsed());
            match pauses.next() {
                Some(pause) if failure.is_transient() && pause < left => thread::sleep(pause),
                _ => {
                    self.lost(failure);
                    return;
                }
            }
        }
    }

    fn attempt(&self, time: Duration) -> Result<(), Failure> {
        self.client.push(&self.exporter.render(), time)
    }

    fn succeeded(&mut self) {
        count(&self.recorder, "success", 1);
        if self.outage.take().is_some() {
            tracing::info!(url = self.client.url(), "the metrics are pushed again");
        }
    }

    /// Logs a failure, unless it goes on as the log has it.
    fn failed(&mut self, failure: &Failure) {
        let outage = Some(Outage(failure.status()));
        if self.outage == outage {
            return;
        }
        self.outage = outage;
        let url = self.client.url();
        if failure.is_transient() {
            tracing::warn!(url, %failure, "the metrics cannot be pushed now; trying again");
        } else {
            tracing::error!(
                url, %failure,
                "the gateway refuses the metrics; trying again at each interval",
            );
        }
    }

    fn lost(&self, failure: impl std::fmt::Display) {
        count(&self.recorder, "failure", 1);
        tracing::error!(
            url = self.client.url(), %failure,
            "the last push did not work; the gateway keeps what it had before",
        );
    }
}

fn count(recorder: &MetricsRecorder, result: &'static str, by: u64) {
    let labels = vec![Label::from_static_parts("result", result)];
    recorder.add_to_counter(catalog::PUSHES, labels, by);
}
