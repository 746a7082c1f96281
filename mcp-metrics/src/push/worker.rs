//! What the background thread does: pushes at each interval and a last time.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use metrics::Label;
use ureq::http::StatusCode;

use super::PushError;
use super::client::{Client, Failure};
use super::report::print_without_subscriber;
use super::selection::Pushed;
use crate::catalog;
use crate::metrics_source::MetricsSource;
use crate::recorder::MetricsRecorder;

/// The timeout of one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// The deadline of a shutdown, for an attempt in flight and the last push together.
pub(super) const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The backoff between attempts. The jitter prevents many programs from pushing at the same moment
/// after an outage of their gateway.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(500))
    .with_factor(2.0)
    .with_max_delay(Duration::from_secs(30))
    .without_max_times()
    .with_jitter();

/// The state of the thread.
pub(super) struct Worker {
    pub(super) recorder: MetricsRecorder,
    pub(super) source: MetricsSource,
    pub(super) client: Client,
    pub(super) interval: Duration,
    /// Whether gauges that describe the moment are pushed, too.
    pub(super) pushes_all: bool,
    /// Whether the group is deleted at the end, instead of a last push.
    pub(super) deletes: bool,
    pub(super) stopped: Receiver<Stop>,
    /// The time of the last success that the gateway has.
    pub(super) pushed_success: Option<String>,
    pub(super) outage: Option<Outage>,
}

/// A request to stop after a last push, and the time of the request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop(pub(super) Instant);

/// The kind of the failure logged last: the status of the response, if one was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outage(Option<StatusCode>);

/// The reason why the thread stops.
enum Ended {
    /// A last push is due.
    Stopped(Stop),
    /// No further push.
    Aborted,
}

impl Worker {
    /// Pushes until the thread has to stop. Returns the result of the last push, if one was due.
    pub(super) fn run(mut self) -> Option<Result<(), PushError>> {
        match self.push_each_interval() {
            Ended::Stopped(stop) => Some(self.finish(stop)),
            Ended::Aborted => None,
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
            let Err(failure) = self.push(ATTEMPT_TIMEOUT) else {
                self.record_success();
                return Ok(());
            };
            self.report_failure(&failure);
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

    /// Pushes a last time or deletes the group, with retries until the deadline of the shutdown.
    fn finish(&mut self, Stop(since): Stop) -> Result<(), PushError> {
        let mut backoff = BACKOFF.build();
        let left = || SHUTDOWN_TIMEOUT.saturating_sub(since.elapsed());
        // The failure of the attempt before.
        let mut last = None;
        loop {
            if left().is_zero() {
                let url = self.client.url().to_owned();
                let error = last.unwrap_or(PushError::Timeout { url });
                return Err(self.report_lost(error));
            }
            let attempt = if self.deletes {
                self.client.reload_credentials();
                self.client.delete(left())
            } else {
                self.push(left())
            };
            let Err(failure) = attempt else {
                if !self.deletes {
                    self.record_success();
                }
                return Ok(());
            };
            let is_transient = failure.is_transient();
            let error = PushError::new(self.client.url(), failure);
            match backoff.next() {
                Some(pause) if is_transient && pause < left() => {
                    last = Some(error);
                    thread::sleep(pause);
                }
                _ => return Err(self.report_lost(error)),
            }
        }
    }

    /// Makes one attempt within `timeout`: pushes the metrics and, if it is new, the time of the
    /// last success.
    fn push(&mut self, timeout: Duration) -> Result<(), Failure> {
        let started = Instant::now();
        self.client.reload_credentials();
        let pushed = Pushed::render(&self.source, self.pushes_all);
        self.client.push(&pushed.metrics, timeout)?;
        if pushed.last_success.is_some() && pushed.last_success != self.pushed_success {
            let text = pushed.last_success.as_deref().unwrap_or_default();
            let left = timeout.saturating_sub(started.elapsed());
            // A timeout of zero would mean none.
            let left = left.max(Duration::from_millis(1));
            self.client.push_last_success(text, left)?;
            self.pushed_success = pushed.last_success;
        }
        Ok(())
    }

    fn record_success(&mut self) {
        count(&self.recorder, "success", 1);
        if self.outage.take().is_some() {
            let url = self.client.url();
            tracing::info!(url, "push recovered");
            print_without_subscriber(format_args!("push to {url} recovered"));
        }
    }

    /// Reports a failure, unless one of the same kind was the last one reported.
    fn report_failure(&mut self, failure: &Failure) {
        let outage = Some(Outage(failure.status()));
        if self.outage == outage {
            return;
        }
        self.outage = outage;
        let url = self.client.url();
        if failure.is_transient() {
            tracing::warn!(url, %failure, "push failed; retrying");
            print_without_subscriber(format_args!("push to {url} failed; retrying: {failure}"));
        } else {
            tracing::error!(url, %failure, "push rejected; retrying at the next interval");
            print_without_subscriber(format_args!(
                "push to {url} rejected; retrying at the next interval: {failure}"
            ));
        }
    }

    /// Reports that the last push or the deletion failed. Returns the error.
    fn report_lost(&self, error: PushError) -> PushError {
        let failure = match &error {
            PushError::NoResponse { source, .. } => format!("{error}: {source}"),
            _ => error.to_string(),
        };
        let url = self.client.url();
        let event = if self.deletes {
            "deletion of the group failed; the gateway keeps its metrics"
        } else {
            count(&self.recorder, "failure", 1);
            "last push failed; the gateway keeps the previous metrics"
        };
        tracing::error!(url, %failure, "{event}");
        print_without_subscriber(format_args!("{event}: {failure}"));
        error
    }
}

/// Adds to the number of pushes with this result.
pub(super) fn count(recorder: &MetricsRecorder, result: &'static str, by: u64) {
    let labels = vec![Label::from_static_parts("result", result)];
    recorder.add_to_counter(catalog::PUSHES, labels, by);
}
