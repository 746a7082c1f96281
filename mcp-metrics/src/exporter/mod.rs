//! The exporter: what an application holds to read its metrics and to stop.

mod background;
mod builder;
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
use crate::http::auth::Access;
use crate::recorder::MetricsRecorder;
use crate::snapshot::Encoder;
pub(crate) use background::{Background, BackgroundConfig};
pub use builder::{ExporterBuilder, InstallError};

/// The metrics of this process, to be read; and the threads that keep them, to be stopped.
///
/// Made by [`Exporter::builder`]. A clone is another handle to the same metrics, and dropping one
/// stops nothing: the exporter works until [`shutdown`](Self::shutdown) or the end of the process.
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
    access: Arc<Access>,
    #[cfg(feature = "http")]
    status_page: bool,
}

thread_local! {
    /// Whether a render on this thread is running the hooks: a hook may render itself.
    static IN_HOOKS: Cell<bool> = const { Cell::new(false) };
}

impl Exporter {
    pub(crate) fn new(
        recorder: MetricsRecorder,
        app: (String, String),
        hooks: Vec<Hook>,
        #[cfg(feature = "auth")] access: Access,
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

    /// The metrics in Prometheus' text format 0.0.4, sorted by family, then by labels.
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

    /// Runs the hooks and sets what is exact at each scrape.
    fn prepare(&self) {
        self.run_hooks();
        let uptime = self.inner.installed.elapsed().as_secs_f64();
        self.inner.recorder.set_gauge(catalog::UPTIME, uptime);
    }

    /// The hub's own families as numbers, what [`render`](Self::render) would print now, and the
    /// program's tracked functions.
    #[must_use]
    pub fn summary(&self) -> MetricsSummary {
        let mut encoder = SummaryEncoder::default();
        self.encode(&mut encoder);
        encoder.finish()
    }

    /// The address that the endpoint listens at, with the port that the system chose if it was
    /// told to listen at port 0; `None` without [`listen`](crate::ExporterBuilder::listen) and
    /// after [`shutdown`](Self::shutdown).
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.background().as_ref()?.local_addr()
    }

    /// Stops the endpoint and the sampler and waits for their threads. Scrapes under way are
    /// answered first. The metrics stay and can still be recorded, rendered and served by
    /// [`router`](Self::router); the system gauges keep their last values. Further calls do
    /// nothing.
    ///
    /// With a Pushgateway, the metrics are pushed a last time, which holds this up for five
    /// seconds at most. A process that ends without a shutdown pushes nothing more.
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
    pub(crate) fn access(&self) -> Arc<Access> {
        Arc::clone(&self.inner.access)
    }

    /// Whether the router serves the status page.
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

    /// Runs the hooks with this exporter's recorder as the current one, so that what they record
    /// arrives here even if it is not the global one.
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
                tracing::error!("an `on_scrape` hook panicked; the scrape goes on without it");
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
