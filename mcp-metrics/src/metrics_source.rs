//! The source of scrapes and pushes: a recorder, and what runs before each of its snapshots.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::catalog;
use crate::encode::{Dialect, MetricsSummary, SummaryEncoder};
use crate::recorder::MetricsRecorder;
#[cfg(any(feature = "protobuf", feature = "push"))]
use crate::snapshot::Encoder;

/// A function that runs before each snapshot.
pub(crate) type Hook = Box<dyn Fn() + Send + Sync>;

/// The metrics of an exporter. Clones share them.
#[derive(Clone)]
pub(crate) struct MetricsSource {
    recorder: MetricsRecorder,
    installed: Instant,
    hooks: Arc<[Hook]>,
    /// When the metrics were last rendered, in any format.
    last_export: Arc<Mutex<Option<Instant>>>,
}

thread_local! {
    /// Whether this thread is running the hooks. A hook may render, which must not run them again.
    static IN_HOOKS: Cell<bool> = const { Cell::new(false) };
}

impl MetricsSource {
    pub(crate) fn new(recorder: MetricsRecorder, hooks: Vec<Hook>) -> Self {
        Self {
            recorder,
            installed: Instant::now(),
            hooks: hooks.into(),
            last_export: Arc::default(),
        }
    }

    pub(crate) const fn recorder(&self) -> &MetricsRecorder {
        &self.recorder
    }

    /// Returns whether this thread is running the hooks.
    pub(crate) fn is_in_hooks() -> bool {
        IN_HOOKS.get()
    }

    /// Returns the metrics in one of the text formats.
    pub(crate) fn render<D: Dialect>(&self) -> String {
        self.prepare();
        self.note_export();
        self.recorder.render::<D>()
    }

    /// Takes a snapshot and encodes it with `encoder`, in another format.
    #[cfg(any(feature = "protobuf", feature = "push"))]
    pub(crate) fn encode(&self, encoder: &mut impl Encoder) {
        self.prepare();
        self.note_export();
        self.recorder.encode(encoder);
    }

    /// Returns the current values of the hub's own families.
    pub(crate) fn summary(&self) -> MetricsSummary {
        let mut encoder = SummaryEncoder::default();
        self.prepare();
        self.recorder.encode(&mut encoder);
        let mut summary = encoder.finish();
        let last = *self
            .last_export
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        summary.exporter.last_export_seconds = last.map(|last| last.elapsed().as_secs_f64());
        summary
    }

    fn note_export(&self) {
        let now = Some(Instant::now());
        *self
            .last_export
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Runs the hooks and updates the uptime, which must be exact at each scrape.
    fn prepare(&self) {
        self.run_hooks();
        let uptime = self.installed.elapsed().as_secs_f64();
        self.recorder.set_gauge(catalog::UPTIME, uptime);
    }

    /// Runs the hooks with this recorder as the local one, so that their metrics arrive
    /// here even if another recorder is the global one.
    fn run_hooks(&self) {
        if self.hooks.is_empty() || IN_HOOKS.replace(true) {
            return;
        }
        for hook in &*self.hooks {
            let run = || metrics::with_local_recorder(&self.recorder, hook);
            if catch_unwind(AssertUnwindSafe(run)).is_err() {
                self.recorder
                    .add_to_counter(catalog::HOOK_PANICS, Vec::new(), 1);
                tracing::error!("`on_scrape` hook panicked; continuing without it");
            }
        }
        IN_HOOKS.set(false);
    }
}

impl fmt::Debug for MetricsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsSource")
            .field("hooks", &self.hooks.len())
            .finish_non_exhaustive()
    }
}
