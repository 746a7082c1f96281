//! The background thread that pushes.

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
use crate::encode::Prometheus;
use crate::metrics_source::MetricsSource;
use crate::recorder::MetricsRecorder;

/// The timeout of one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// The deadline of a shutdown, for an attempt in flight and the last push together.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long [`Pusher::shutdown`] waits beyond the deadline that the thread itself keeps.
const JOIN_SLACK: Duration = Duration::from_millis(500);

/// The backoff between attempts. The jitter prevents many programs from pushing at the same moment
/// after an outage of their gateway.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(500))
    .with_factor(2.0)
    .with_max_delay(Duration::from_secs(30))
    .without_max_times()
    .with_jitter();

/// A handle to the thread that pushes.
#[derive(Debug)]
pub(crate) struct Pusher {
    stop: Sender<Stop>,
    ended: Receiver<()>,
    thread: JoinHandle<()>,
}

/// A request to stop after a last push, and the time of the request.
#[derive(Clone, Copy, Debug)]
struct Stop(Instant);

impl Pusher {
    /// Starts a thread that pushes the metrics at each interval.
    pub(crate) fn start(source: MetricsSource, target: Target) -> io::Result<Self> {
        // Exports both series at zero: `rate` and `increase` ignore the first sample of a series.
        let recorder = source.recorder().clone();
        count(&recorder, "success", 0);
        count(&recorder, "failure", 0);
        let (stop, stopped) = channel();
        let (ending, ended) = channel();
        let worker = Worker {
            recorder,
            source,
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

    /// Pushes a last time and waits for the thread, at most for [`SHUTDOWN_TIMEOUT`] plus
    /// [`JOIN_SLACK`].
    pub(crate) fn shutdown(self) {
        let _ = self.stop.send(Stop(Instant::now()));
        match self.ended.recv_timeout(SHUTDOWN_TIMEOUT + JOIN_SLACK) {
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!("push still in flight at shutdown; not waiting for it");
            }
            // `Disconnected`: the thread dropped `ending`, at its end or by a panic.
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                let _ = self.thread.join();
            }
        }
    }

    /// Stops the thread without a last push and without waiting for it.
    pub(crate) fn abort(self) {
        drop(self.stop);
    }
}

/// The state of the thread.
struct Worker {
    recorder: MetricsRecorder,
    source: MetricsSource,
    client: Client,
    interval: Duration,
    stopped: Receiver<Stop>,
    outage: Option<Outage>,
}

/// The kind of the failure logged last: the status of the response, if one was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outage(Option<StatusCode>);

/// The reason why the thread stops.
enum Ended {
    /// [`Pusher::shutdown`] was called: a last push is due.
    Stopped(Stop),
    /// [`Pusher::abort`] was called: no further push.
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
            if let Some(ended) = self.sleep(pause) {
                return ended;
            }
            let started = Instant::now();
            if let Err(ended) = self.push_with_retries(started) {
                return ended;
            }
            pause = self.interval.saturating_sub(started.elapsed());
        }
    }

    /// Sleeps for `pause`. Returns early, with the reason, if the thread has to stop.
    fn sleep(&self, pause: Duration) -> Option<Ended> {
        match self.stopped.recv_timeout(pause) {
            Ok(stop) => Some(Ended::Stopped(stop)),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Ended::Aborted),
        }
    }

    /// Pushes once, with retries until the end of the interval.
    fn push_with_retries(&mut self, started: Instant) -> Result<(), Ended> {
        let mut backoff = BACKOFF.build();
        loop {
            let Err(failure) = self.attempt(ATTEMPT_TIMEOUT) else {
                self.record_success();
                return Ok(());
            };
            self.log_failure(&failure);
            let left = self.interval.saturating_sub(started.elapsed());
            match backoff.next() {
                Some(pause) if failure.is_transient() && pause < left => {
                    if let Some(ended) = self.sleep(pause) {
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

    /// Pushes a last time, with retries until the deadline of the shutdown.
    fn push_last(&mut self, Stop(since): Stop) {
        let mut backoff = BACKOFF.build();
        loop {
            let left = SHUTDOWN_TIMEOUT.saturating_sub(since.elapsed());
            if left.is_zero() {
                self.record_lost_push("the previous attempt used up the time");
                return;
            }
            let Err(failure) = self.attempt(left) else {
                self.record_success();
                return;
            };
            let left = SHUTDOWN_TIMEOUT.saturating_sub(since.elapsed());
            match backoff.next() {
                Some(pause) if failure.is_transient() && pause < left => thread::sleep(pause),
                _ => {
                    self.record_lost_push(failure);
                    return;
                }
            }
        }
    }

    fn attempt(&self, timeout: Duration) -> Result<(), Failure> {
        self.client
            .push(&self.source.render::<Prometheus>(), timeout)
    }

    fn record_success(&mut self) {
        count(&self.recorder, "success", 1);
        if self.outage.take().is_some() {
            tracing::info!(url = self.client.url(), "push recovered");
        }
    }

    /// Logs a failure, unless one of the same kind was the last one logged.
    fn log_failure(&mut self, failure: &Failure) {
        let outage = Some(Outage(failure.status()));
        if self.outage == outage {
            return;
        }
        self.outage = outage;
        let url = self.client.url();
        if failure.is_transient() {
            tracing::warn!(url, %failure, "push failed; retrying");
        } else {
            tracing::error!(url, %failure, "push rejected; retrying at the next interval");
        }
    }

    fn record_lost_push(&self, failure: impl std::fmt::Display) {
        count(&self.recorder, "failure", 1);
        tracing::error!(
            url = self.client.url(), %failure,
            "last push failed; the gateway keeps the previous metrics",
        );
    }
}

fn count(recorder: &MetricsRecorder, result: &'static str, by: u64) {
    let labels = vec![Label::from_static_parts("result", result)];
    recorder.add_to_counter(catalog::PUSHES, labels, by);
}
