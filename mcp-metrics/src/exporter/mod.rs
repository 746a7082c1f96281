//! The exporter: an application's handle to its metrics and background threads.

mod background;
mod buckets;
mod builder;
#[cfg(feature = "http")]
mod endpoint_options;
mod errors;
mod install;
mod namespace;
mod owner;
#[cfg(feature = "http")]
mod router;
mod shutdown;

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::encode::{MetricsSummary, Prometheus};
#[cfg(feature = "http")]
use crate::http::Endpoint;
use crate::metrics_source::MetricsSource;
use crate::recorder::MetricsRecorder;
pub(crate) use background::{Background, BackgroundConfig};
pub use buckets::{InvalidMatcher, Matcher};
pub use builder::ExporterBuilder;
pub use errors::InstallError;
use owner::Owner;
pub use shutdown::{ShutdownGuard, ShutdownReport};

/// A handle to the metrics of this process and to the exporter's background threads.
///
/// Created by [`Exporter::builder`]. Clones are handles to the same exporter. Dropping a handle
/// stops nothing: the exporter runs until [`shutdown`](Self::shutdown) or the end of the process.
///
/// A process that becomes a daemon must fork first and install then: the exporter's threads do not
/// run in a forked child. Its handle logs an error there, and renders what the child records.
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

struct Inner {
    source: MetricsSource,
    /// `None` until the builder has started the threads, and after [`Exporter::shutdown`].
    background: Mutex<Option<Background>>,
    /// Locked during a shutdown.
    shutdown: Mutex<()>,
    owner: Owner,
    #[cfg(feature = "http")]
    endpoint: Endpoint,
}

impl Exporter {
    fn new(source: MetricsSource, #[cfg(feature = "http")] endpoint: Endpoint) -> Self {
        Self {
            inner: Arc::new(Inner {
                source,
                background: Mutex::new(None),
                shutdown: Mutex::new(()),
                owner: Owner::current(),
                #[cfg(feature = "http")]
                endpoint,
            }),
        }
    }

    /// Renders the metrics in the Prometheus text format 0.0.4, sorted by family, then by labels.
    ///
    /// Format: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.
    #[must_use]
    pub fn render(&self) -> String {
        self.inner.source.render::<Prometheus>()
    }

    /// Returns the current values of the hub's own families, as [`render`](Self::render) would
    /// print them, and the program's tracked functions.
    #[must_use]
    pub fn summary(&self) -> MetricsSummary {
        self.inner.source.summary()
    }

    /// Returns the address that the endpoint listens on; if the configured port was 0, with the
    /// port that the system chose. With several addresses, returns the first one.
    ///
    /// Returns `None` without [`listen`](crate::ExporterBuilder::listen), after
    /// [`shutdown`](Self::shutdown) and in a forked child.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.local_addrs().first().copied()
    }

    /// Returns the addresses that the endpoint listens on, in the order of the calls of
    /// [`listen`](crate::ExporterBuilder::listen), without Unix sockets.
    #[must_use]
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        if !self.inner.owner.is_current() {
            return Vec::new();
        }
        let background = self.background();
        background
            .as_ref()
            .map_or_else(Vec::new, Background::local_addrs)
    }

    /// Stops the endpoint and the sampler and waits for their threads, after the scrapes in flight,
    /// but at most about five seconds for a scrape whose hook hangs. Metrics can still be recorded,
    /// rendered and served by [`router`](Self::router); the system gauges keep their last values.
    /// Further calls only wait for the first one.
    ///
    /// With a Pushgateway, pushes the metrics a last time, which blocks for at most about five
    /// seconds; the report has the result. A process that exits without a shutdown skips this push:
    /// see [`shutdown_on_drop`](Self::shutdown_on_drop).
    pub fn shutdown(&self) -> ShutdownReport {
        if !self.inner.owner.is_current() {
            // The threads do not exist in this process: joining them panics.
            std::mem::forget(self.background().take());
            return ShutdownReport::default();
        }
        // The process may exit after a second call, which must not end the last push. A hook does not
        // wait: the first call waits for it.
        let _shutdown = (!MetricsSource::is_in_hooks()).then(|| {
            let shutdown = self.inner.shutdown.lock();
            shutdown.unwrap_or_else(PoisonError::into_inner)
        });
        // Unlocked before the wait: a hook of the last push may call `local_addr`.
        let background = self.background().take();
        background.map(Background::shutdown).unwrap_or_default()
    }

    /// Stores the threads that [`shutdown`](Self::shutdown) stops.
    fn set_background(&self, background: Background) {
        *self.background() = Some(background);
    }

    fn recorder(&self) -> &MetricsRecorder {
        self.inner.source.recorder()
    }

    fn background(&self) -> MutexGuard<'_, Option<Background>> {
        self.inner
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter")
            .field("local_addr", &self.local_addr())
            .field("source", &self.inner.source)
            .finish_non_exhaustive()
    }
}
