//! The exporter: an application's handle to its metrics and background threads.

mod background;
mod builder;
#[cfg(feature = "http")]
mod endpoint_options;
mod errors;
mod install;
use std::cell::Cell;
use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use metrics::Label;

use crate::catalog;
use crate::encode::{Dialect, MetricsSummary, Prometheus, SummaryEncoder};
#[cfg(feature = "auth")]
use crate::http::auth::AuthPolicy;
use crate::recorder::MetricsRecorder;
use crate::snapshot::Encoder;
pub(crate) use background::{Background, BackgroundConfig};
pub use builder::ExporterBuilder;
pub use errors::InstallError;

/// A handle to the metrics of this process and to the exporter's background threads.
///
/// Created by [`Exporter::builder`]. Clones are handles to the same exporter. Dropping a handle
/// stops nothing: the exporter runs until [`shutdown`](Self::shutdown) or the end of the process.
///
/// ```
/// use mcp_metrics::Exporter;
///
/// let exporter = Exporter::builder().app("my-hub", "1.2.3").install()?;
/// mcp_metrics::track_search_call();
///
/// let text = exporter.render();
/// assert!(text.contains("mcp_hub_app_info{version=\"1.2.3\",name=\"my-hub\"} 1\n"));
/// assert!(text.contains("mcp_hub_search_api_calls_total 1\n"));
/// # Ok::<(), mcp_metrics::InstallError>(())
/// ```
#[derive(Clone)]
pub struct Exporter {
    inner: Arc<Inner>,
}

type Hook = Box<dyn Fn() + Send + Sync>;

struct Inner {
    recorder: MetricsRecorder,
    installed: Instant,
    hooks: Vec<Hook>,
    /// `None` until the builder has started the threads, and after [`Exporter::shutdown`].
    background: Mutex<Option<Background>>,
    #[cfg(feature = "auth")]
    access: Arc<AuthPolicy>,
    #[cfg(feature = "http")]
    status_page: bool,
}

thread_local! {
    /// Whether this thread is running the hooks. A hook may render, which must not run them again.
    static IN_HOOKS: Cell<bool> = const { Cell::new(false) };
}

impl Exporter {
    pub(crate) fn new(
        recorder: MetricsRecorder,
        app: (String, String),
        hooks: Vec<Hook>,
        #[cfg(feature = "auth")] access: AuthPolicy,
        #[cfg(feature = "http")] status_page: bool,
    ) -> Self {
        let (name, version) = app;
        let labels = vec![Label::new("version", version), Label::new("name", name)];
        recorder.set_labelled_gauge(catalog::APP_INFO, labels, 1.0);
        Self {
            inner: Arc::new(Inner {
                recorder,
                installed: Instant::now(),
                hooks,
                background: Mutex::new(None),
                #[cfg(feature = "auth")]
                access: Arc::new(access),
                #[cfg(feature = "http")]
                status_page,
            }),
        }
    }

    /// Renders the metrics in the Prometheus text format 0.0.4, sorted by family, then by labels.
    ///
    /// Format: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.
    #[must_use]
    pub fn render(&self) -> String {
        self.render_as::<Prometheus>()
    }

    /// Returns the metrics in one of the text formats.
    pub(crate) fn render_as<D: Dialect>(&self) -> String {
        self.prepare();
        self.inner.recorder.render::<D>()
    }

    /// Takes a snapshot and encodes it with `encoder`.
    pub(crate) fn encode(&self, encoder: &mut impl Encoder) {
        self.prepare();
        self.inner.recorder.encode(encoder);
    }

    /// Runs the hooks and updates the uptime, which must be exact at each scrape.
    fn prepare(&self) {
        self.run_hooks();
        let uptime = self.inner.installed.elapsed().as_secs_f64();
        self.inner.recorder.set_gauge(catalog::UPTIME, uptime);
    }

    /// Returns the current values of the hub's own families, as [`render`](Self::render) would
    /// print them, and the program's tracked functions.
    #[must_use]
    pub fn summary(&self) -> MetricsSummary {
        let mut encoder = SummaryEncoder::default();
        self.encode(&mut encoder);
        encoder.finish()
    }

    /// Returns the address that the endpoint listens on; if the configured port was 0, with the
    /// port that the system chose. Returns `None` without
    /// [`listen`](crate::ExporterBuilder::listen) and after [`shutdown`](Self::shutdown).
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.background().as_ref()?.local_addr()
    }

    /// Stops the endpoint and the sampler and waits for their threads, after the scrapes in flight.
    /// Metrics can still be recorded, rendered and served by [`router`](Self::router); the system
    /// gauges keep their last values. Further calls do nothing.
    ///
    /// With a Pushgateway, pushes the metrics a last time, which blocks for at most about five
    /// seconds. A process that exits without a shutdown skips this push.
    pub fn shutdown(&self) {
        // Unlocked before the wait: a hook of the last push may call `local_addr`.
        let background = self.background().take();
        if let Some(background) = background {
            background.shutdown();
        }
    }

    /// Stores the threads that [`shutdown`](Self::shutdown) stops.
    pub(crate) fn set_background(&self, background: Background) {
        *self.background() = Some(background);
    }

    pub(crate) fn recorder(&self) -> &MetricsRecorder {
        &self.inner.recorder
    }

    #[cfg(feature = "auth")]
    pub(crate) fn access(&self) -> Arc<AuthPolicy> {
        Arc::clone(&self.inner.access)
    }

    /// Returns whether the router serves the status page.
    #[cfg(feature = "http")]
    pub(crate) fn shows_status_page(&self) -> bool {
        self.inner.status_page
    }

    fn background(&self) -> MutexGuard<'_, Option<Background>> {
        self.inner
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the hooks with this exporter's recorder as the local one, so that their metrics arrive
    /// here even if another recorder is the global one.
    fn run_hooks(&self) {
        if self.inner.hooks.is_empty() || IN_HOOKS.replace(true) {
            return;
        }
        for hook in &self.inner.hooks {
            let run = || metrics::with_local_recorder(&self.inner.recorder, hook);
            if catch_unwind(AssertUnwindSafe(run)).is_err() {
                self.inner
                    .recorder
                    .add_to_counter(catalog::HOOK_PANICS, Vec::new(), 1);
                tracing::error!("`on_scrape` hook panicked; continuing without it");
            }
        }
        IN_HOOKS.set(false);
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter")
            .field("local_addr", &self.local_addr())
            .field("hooks", &self.inner.hooks.len())
            .finish_non_exhaustive()
    }
}
