//! Configuring an exporter.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::Exporter;
use super::buckets::Matcher;
use crate::catalog;
#[cfg(feature = "tls")]
use crate::http::Tls;
#[cfg(feature = "auth")]
use crate::http::auth::AuthConfig;
#[cfg(feature = "http")]
use crate::http::{Limits, ListenAddress};
#[cfg(feature = "push")]
use crate::push::PushGateway;
use crate::storage::DEFAULT_LIMIT;

type Hook = Box<dyn Fn() + Send + Sync>;

/// Configuration of an [`Exporter`]; created by [`Exporter::builder`].
///
/// ```
/// use std::time::Duration;
/// use mcp_metrics::Exporter;
///
/// let exporter = Exporter::builder()
///     .app("my-hub", env!("CARGO_PKG_VERSION"))
///     .listen(([127, 0, 0, 1], 0)) // any free port
///     .system_interval(Duration::from_secs(15))
///     .global_label("instance", "hub-1")
///     .install()?;
/// println!("metrics at http://{}/metrics", exporter.local_addr().unwrap());
/// # Ok::<(), mcp_metrics::InstallError>(())
/// ```
#[must_use = "the builder does nothing until `install` or `build` is called"]
pub struct ExporterBuilder {
    pub(super) app: (String, String),
    pub(super) namespace: String,
    #[cfg(feature = "http")]
    pub(super) listen: Vec<ListenAddress>,
    #[cfg(feature = "http")]
    pub(super) metrics_paths: Vec<String>,
    #[cfg(feature = "http")]
    pub(super) limits: Limits,
    #[cfg(feature = "auth")]
    pub(super) rules: AuthConfig,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Tls>,
    #[cfg(feature = "http")]
    pub(super) status_page: bool,
    pub(super) system_interval: Option<Duration>,
    pub(super) disk_path: PathBuf,
    #[cfg(feature = "process")]
    pub(super) process_metrics: bool,
    pub(super) buckets: Vec<(Matcher, Vec<f64>)>,
    pub(super) default_buckets: Vec<f64>,
    #[cfg(feature = "protobuf")]
    pub(super) native_histograms: bool,
    pub(super) global_labels: Vec<(String, String)>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) label_limit: usize,
    pub(super) hooks: Vec<Hook>,
    #[cfg(feature = "push")]
    pub(super) push_gateway: Option<PushGateway>,
}

impl Exporter {
    /// Returns a builder with the defaults: no endpoint, system metrics every five seconds.
    pub fn builder() -> ExporterBuilder {
        ExporterBuilder {
            app: ("mcp-hub".into(), "unknown".into()),
            namespace: catalog::NAMESPACE.into(),
            #[cfg(feature = "http")]
            listen: Vec::new(),
            #[cfg(feature = "http")]
            metrics_paths: Vec::new(),
            #[cfg(feature = "http")]
            limits: Limits::default(),
            #[cfg(feature = "auth")]
            rules: AuthConfig::default(),
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "http")]
            status_page: false,
            system_interval: Some(Duration::from_secs(5)),
            disk_path: "/".into(),
            #[cfg(feature = "process")]
            process_metrics: true,
            buckets: Vec::new(),
            default_buckets: catalog::DEFAULT_BUCKETS.to_vec(),
            #[cfg(feature = "protobuf")]
            native_histograms: false,
            global_labels: Vec::new(),
            idle_timeout: None,
            label_limit: DEFAULT_LIMIT,
            hooks: Vec::new(),
            #[cfg(feature = "push")]
            push_gateway: None,
        }
    }
}

impl ExporterBuilder {
    /// Sets the labels `name` and `version` of `mcp_hub_app_info`.
    ///
    /// Default: `mcp-hub`, `unknown`.
    pub fn app(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.app = (name.into(), version.into());
        self
    }

    /// Sets the interval at which CPU, memory and disk usage are sampled. In a container, CPU and
    /// memory usage refer to its limits, as the guide [`metrics`](crate::guide::metrics) describes.
    ///
    /// Default: every five seconds.
    pub fn system_interval(mut self, interval: Duration) -> Self {
        self.system_interval = Some(interval);
        self
    }

    /// Disables the CPU, memory and disk metrics and their thread.
    pub fn without_system_metrics(mut self) -> Self {
        self.system_interval = None;
        self
    }

    /// Sets the path whose file system the disk metrics describe. They are absent while the file
    /// system is unmounted or does not respond. Default: `/`.
    pub fn disk_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.disk_path = path.into();
        self
    }

    /// Disables the metrics of this process, `process_cpu_seconds_total` and its siblings.
    #[cfg(feature = "process")]
    pub fn without_process_metrics(mut self) -> Self {
        self.process_metrics = false;
        self
    }

    /// Also exports native histograms, to scrapers that accept protobuf: with eight buckets per
    /// power of two, quantiles are accurate to about 9 %. Negative observations are counted as zero
    /// there. Each histogram series takes 4 KiB more.
    ///
    /// Prometheus accepts them from version 2.40 on if it is started with
    /// `--enable-feature=native-histograms`, and from version 3.8 on with
    /// `scrape_native_histograms: true`:
    /// <https://prometheus.io/docs/specs/native_histograms/>. Other scrapers are not affected.
    /// Default: off.
    ///
    /// # Classic histograms
    ///
    /// A Prometheus that ingests the native histogram `x` no longer ingests the series `x_bucket`,
    /// `x_count` and `x_sum`. Queries, dashboards and alerts that use them have no data from then
    /// on. To keep them, set `always_scrape_classic_histograms: true` in the scrape job, or
    /// `scrape_classic_histograms: true` in Prometheus 2.45 to 2.55. The rules in
    /// `examples/monitoring` work without these series; its dashboards need them.
    #[cfg(feature = "protobuf")]
    pub fn native_histograms(mut self) -> Self {
        self.native_histograms = true;
        self
    }

    /// Adds a label to every series. A label of the series itself takes precedence; of two calls
    /// with the same name, the last one wins. A label with an empty value is left out, because
    /// Prometheus treats it as missing.
    ///
    /// Prometheus adds `instance` and `job` itself.
    pub fn global_label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.global_labels.push((name.into(), value.into()));
        self
    }

    /// Evicts counters and histograms that were not updated for this long, and frees their slots in
    /// the [label limit](Self::label_limit).
    ///
    /// Series with literal labels continue at their last value when they are updated again; all
    /// others restart at zero. These series are never evicted:
    ///
    /// - series with a live handle, a `metrics::Counter` or `metrics::Histogram`;
    /// - gauges, whose value is current even if it does not change;
    /// - counters without labels, and those about the exporter.
    ///
    /// Default: no series is evicted.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Sets the maximum number of distinct label sets per family. Above it, new label sets are
    /// recorded under the label value `other`, the first of them is logged, and
    /// `mcp_metrics_overflowed_total` counts them.
    ///
    /// Literal labels of this crate's attributes are always admitted. A slot is free again as soon
    /// as its series is evicted. Sums over a family of counters or histograms stay correct; gauges
    /// that are recorded under `other` overwrite each other.
    ///
    /// Default: 1,000.
    pub fn label_limit(mut self, series: usize) -> Self {
        self.label_limit = series;
        self
    }

    /// Adds a hook that runs before each render, for metrics that are only read on demand.
    ///
    /// Metrics that the hook records through the `metrics` facade arrive at this exporter. If the
    /// hook panics, the panic is logged and the scrape continues. Each call adds a hook.
    ///
    /// ```
    /// # use mcp_metrics::Exporter;
    /// let exporter = Exporter::builder()
    ///     .on_scrape(|| metrics::gauge!("queue_length").set(3.0))
    ///     .install()?;
    /// assert!(exporter.render().contains("queue_length 3\n"));
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    pub fn on_scrape(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hooks.push(Box::new(hook));
        self
    }

    /// Pushes the metrics to a Prometheus Pushgateway, at an interval and a last time at
    /// [`Exporter::shutdown`]. This is for jobs that end before Prometheus can scrape them.
    ///
    /// Pushes run on a thread of the exporter and do not block the program. If the gateway is
    /// unreachable, overloaded or failing, the push is retried within the interval, with
    /// exponential backoff. If the gateway rejects the metrics, the next attempt is at the next
    /// interval. An outage is logged once when it begins and once when it ends.
    /// `mcp_metrics_pushes_total{result="success"|"failure"}` counts one push per interval; the
    /// family is exported only with a Pushgateway. Gauges that describe the moment, such as CPU
    /// usage, are not pushed, see [`PushGateway::all_metrics`]. Of two calls, the last one wins.
    /// Default: no pushes.
    ///
    /// ```no_run
    /// use mcp_metrics::{Exporter, PushGateway};
    ///
    /// let gateway = PushGateway::new("http://127.0.0.1:9091", "nightly_import");
    /// let exporter = Exporter::builder().push_gateway(gateway).install()?;
    /// let _shutdown = exporter.shutdown_on_drop();
    /// // … the job …
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    #[cfg(feature = "push")]
    pub fn push_gateway(mut self, gateway: PushGateway) -> Self {
        self.push_gateway = Some(gateway);
        self
    }
}

impl fmt::Debug for ExporterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExporterBuilder")
            .field("app", &self.app)
            .field("namespace", &self.namespace)
            .field("system_interval", &self.system_interval)
            .field("disk_path", &self.disk_path)
            .field("label_limit", &self.label_limit)
            .finish_non_exhaustive()
    }
}
