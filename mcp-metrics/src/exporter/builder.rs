//! Configuring, building and installing an exporter.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::catalog;
use crate::exporter::{Background, BackgroundConfig, Exporter};
#[cfg(feature = "tls")]
use crate::http::Tls;
#[cfg(feature = "auth")]
use crate::http::auth::AuthConfig;
#[cfg(feature = "http")]
use crate::http::{BoundListener, Limits};
use crate::instrument::clock;
use crate::instrument::current_recorder;
#[cfg(feature = "push")]
use crate::push::{InvalidPushGateway, PushGateway, Target};
use crate::recorder::{BucketRules, MetricsRecorder, Settings, family_name};
use crate::storage::DEFAULT_LIMIT;
use crate::storage::histogram::{Bounds, InvalidBuckets};

/// The shortest sampling interval: CPU usage cannot be measured over a shorter time.
const MIN_INTERVAL: Duration = sysinfo::MINIMUM_CPU_UPDATE_INTERVAL;

/// The shortest timeout of the endpoint.
#[cfg(feature = "http")]
const MIN_HTTP_TIMEOUT: Duration = Duration::from_millis(1);

/// An error of [`ExporterBuilder::build`] or [`ExporterBuilder::install`]. The process is left
/// unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The process already has a global recorder, from this crate or another one.
    #[error(
        "a global metrics recorder is already installed; install one exporter per process, or use \
         `build` and combine the recorders"
    )]
    AlreadyInstalled,
    /// The endpoint cannot listen on this address.
    #[error("the metrics endpoint cannot listen on {address}")]
    Listen {
        /// The address from [`ExporterBuilder::listen`].
        address: SocketAddr,
        /// The error of the operating system, for example `AddrInUse`.
        source: io::Error,
    },
    /// The bucket bounds of a histogram are invalid.
    #[error("invalid buckets for `{metric}`")]
    Buckets {
        /// The name of the histogram.
        metric: String,
        /// What is wrong with the bounds.
        source: InvalidBuckets,
    },
    /// The sampling interval is too short to measure CPU usage.
    #[error("`system_interval` must be at least {MIN_INTERVAL:?} (got {0:?})")]
    Interval(Duration),
    /// The label limit is zero.
    #[error("`label_limit` must be at least 1 (got 0)")]
    LabelLimit,
    /// A limit of the endpoint is too low to serve any request.
    #[cfg(feature = "http")]
    #[error("{}", limits_message(*connections, *timeout))]
    Limits {
        /// The value from [`ExporterBuilder::max_connections`].
        connections: usize,
        /// The value from [`ExporterBuilder::http_timeout`].
        timeout: Duration,
    },
    /// The authentication or network settings of the endpoint are invalid.
    #[cfg(feature = "auth")]
    #[error("invalid access settings for the metrics endpoint")]
    Access(#[from] crate::AccessError),
    /// The TLS settings of the endpoint are invalid.
    #[cfg(feature = "tls")]
    #[error("invalid TLS settings for the metrics endpoint")]
    Tls(#[from] crate::TlsError),
    /// The Pushgateway settings are invalid.
    #[cfg(feature = "push")]
    #[error("invalid Pushgateway settings")]
    PushGateway(#[source] InvalidPushGateway),
    /// A thread could not be started.
    #[error("failed to start a thread of the exporter")]
    Thread(#[source] io::Error),
}

/// Returns the message for the limit that is too low.
#[cfg(feature = "http")]
fn limits_message(connections: usize, timeout: Duration) -> String {
    if connections == 0 {
        "`max_connections` must be at least 1 (got 0)".to_owned()
    } else {
        format!("`http_timeout` must be at least {MIN_HTTP_TIMEOUT:?} (got {timeout:?})")
    }
}

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
    app: (String, String),
    #[cfg(feature = "http")]
    listen: Option<SocketAddr>,
    #[cfg(feature = "http")]
    limits: Limits,
    #[cfg(feature = "auth")]
    rules: AuthConfig,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    #[cfg(feature = "http")]
    status_page: bool,
    system_interval: Option<Duration>,
    disk_path: PathBuf,
    #[cfg(feature = "process")]
    process_metrics: bool,
    buckets: HashMap<String, Vec<f64>>,
    default_buckets: Vec<f64>,
    #[cfg(feature = "protobuf")]
    native_histograms: bool,
    global_labels: Vec<(String, String)>,
    idle_timeout: Option<Duration>,
    label_limit: usize,
    hooks: Vec<Hook>,
    #[cfg(feature = "push")]
    push_gateway: Option<PushGateway>,
}

impl Exporter {
    /// Returns a builder with the defaults: no endpoint, system metrics every five seconds.
    pub fn builder() -> ExporterBuilder {
        ExporterBuilder {
            app: ("mcp-hub".into(), "unknown".into()),
            #[cfg(feature = "http")]
            listen: None,
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
            buckets: HashMap::new(),
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

    /// Serves the metrics on this address, from a thread of the exporter. With port 0, the system
    /// chooses a free port; [`Exporter::local_addr`] returns it.
    ///
    /// The endpoint requires no authentication unless the features `auth` or `tls` are used to
    /// restrict it. Use a loopback address, `[127, 0, 0, 1]`, if Prometheus runs on the same
    /// machine. In a container, only `[0, 0, 0, 0]` is reachable from outside. An application that
    /// already has an HTTP server can use [`Exporter::router`] instead. Default: no endpoint.
    #[cfg(feature = "http")]
    pub fn listen(mut self, address: impl Into<SocketAddr>) -> Self {
        self.listen = Some(address.into());
        self
    }

    /// Serves a status page next to the metrics, from [`Exporter::router`] and on the address of
    /// [`listen`](Self::listen): a self-contained HTML page at `/`, and its data, a
    /// [`MetricsSummary`](crate::MetricsSummary) in JSON, at `/api/metrics_summary`.
    ///
    /// The page shows all metrics and the module and line of each tracked function. An application
    /// with its own page at `/` can nest the router under another path. Default: no page.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), mcp_metrics::InstallError> {
    /// use axum::{Router, routing::get};
    /// use mcp_metrics::Exporter;
    ///
    /// let exporter = Exporter::builder().status_page().install()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "my hub" }))
    ///     .nest("/status", exporter.router());
    /// # let _ = app; Ok(())
    /// # }
    /// ```
    #[cfg(feature = "http")]
    pub fn status_page(mut self) -> Self {
        self.status_page = true;
        self
    }

    /// Sets the maximum number of concurrent connections of the listener. At the limit, a new
    /// connection evicts an idle one; it waits only while all connections have a request in flight.
    ///
    /// Default: 256.
    #[cfg(feature = "http")]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections;
        self
    }

    /// Sets the time that a client of the listener has to send a request, to receive the response,
    /// and to send the next request before its connection is closed.
    ///
    /// Default: 30 seconds, longer than the default scrape timeout of Prometheus.
    #[cfg(feature = "http")]
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// Requires this bearer token, `Authorization: Bearer …` (RFC 6750). Further calls, and calls
    /// of [`basic_auth`](Self::basic_auth), add alternative credentials.
    ///
    /// Applies to the listener and to [`Exporter::router`], for all paths except `/health`. Without
    /// [`tls`](Self::tls), the token is sent in clear text.
    #[cfg(feature = "auth")]
    pub fn bearer_token(mut self, token: crate::Secret) -> Self {
        self.rules.tokens.push(token);
        self
    }

    /// Requires this user name and password, `Authorization: Basic …` (RFC 7617). `hash` is the
    /// bcrypt hash of the password, as in the web configuration file of the Prometheus exporters;
    /// `htpasswd -nBC 10 <user>` creates one. Each call adds a user.
    ///
    /// Applies to the same paths as [`bearer_token`](Self::bearer_token).
    ///
    /// ```no_run
    /// use mcp_metrics::{Exporter, Secret};
    ///
    /// let exporter = Exporter::builder()
    ///     .listen(([0, 0, 0, 0], 7860))
    ///     .basic_auth("prometheus", Secret::file("/run/secrets/metrics-password-hash"))
    ///     .install()?;
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    #[cfg(feature = "auth")]
    pub fn basic_auth(mut self, user: impl Into<String>, hash: crate::Secret) -> Self {
        self.rules.users.push((user.into(), hash));
        self
    }

    /// Serves only clients from this network, an address like `10.0.0.7` or a range like
    /// `10.0.0.0/8` or `fd00::/8`; other clients get status 403. Each call adds a network.
    ///
    /// The peer address of the connection is checked. Behind a proxy, this is the proxy's address.
    #[cfg(feature = "auth")]
    pub fn allow_network(mut self, network: impl Into<String>) -> Self {
        self.rules.networks.push(network.into());
        self
    }

    /// Serves the listener over TLS 1.2 and 1.3, and not over plain HTTP.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: crate::Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Sets the interval at which CPU, memory and disk usage are sampled.
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

    /// Sets the path whose file system the disk metrics describe. Default: `/`.
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

    /// Sets the upper bounds, in seconds, of `mcp_hub_request_duration_seconds`; `+Inf` is added.
    ///
    /// Default: [`catalog::REQUEST_DURATION_BUCKETS`], which dashboards and alerts expect.
    pub fn buckets(self, bounds: &[f64]) -> Self {
        self.buckets_for(catalog::REQUEST_DURATION, bounds)
    }

    /// Sets the upper bounds of the histogram `metric`, which may be another crate's. Both its
    /// recorded name (`http.server.duration`) and its exported name (`http_server_duration`) are
    /// accepted.
    pub fn buckets_for(mut self, metric: impl Into<String>, bounds: &[f64]) -> Self {
        self.buckets.insert(metric.into(), bounds.to_vec());
        self
    }

    /// Sets the upper bounds of all histograms without bounds of their own.
    ///
    /// Default: [`catalog::DEFAULT_BUCKETS`], those of the official Prometheus clients.
    pub fn default_buckets(mut self, bounds: &[f64]) -> Self {
        self.default_buckets = bounds.to_vec();
        self
    }

    /// Also exports native histograms, to scrapers that accept protobuf: with eight buckets per
    /// power of two, quantiles are accurate to about 9 %. Negative observations are counted as zero
    /// there. Each histogram series takes 4 KiB more.
    ///
    /// Prometheus accepts them from version 2.40 on if it is started with
    /// `--enable-feature=native-histograms`, and then ingests them instead of the classic buckets:
    /// <https://prometheus.io/docs/specs/native_histograms/>. Other scrapers are not affected.
    /// Default: off.
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
    /// family is exported only with a Pushgateway. Of two calls, the last one wins. Default: no
    /// pushes.
    ///
    /// ```no_run
    /// use mcp_metrics::{Exporter, PushGateway};
    ///
    /// let gateway = PushGateway::new("http://127.0.0.1:9091", "nightly_import");
    /// let exporter = Exporter::builder().push_gateway(gateway).install()?;
    /// // … the job …
    /// exporter.shutdown();
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    #[cfg(feature = "push")]
    pub fn push_gateway(mut self, gateway: PushGateway) -> Self {
        self.push_gateway = Some(gateway);
        self
    }

    /// Builds the exporter, installs its recorder as the global one, and starts the exporter's
    /// threads. Works with and without a tokio runtime.
    ///
    /// # Errors
    ///
    /// If the configuration is invalid, the endpoint cannot listen on its address, a thread cannot
    /// be started, or the process already has a global recorder. The process is left unchanged.
    pub fn install(self) -> Result<Exporter, InstallError> {
        let (exporter, background) = self.start()?;
        let recorder = exporter.recorder();
        if metrics::set_global_recorder(recorder.clone()).is_err() {
            background.abort();
            return Err(InstallError::AlreadyInstalled);
        }
        exporter.set_background(background);
        clock::calibrate();
        // A new thread has no local recorder, so it sees the global one.
        match thread::Builder::new()
            .name("mcp-metrics-install".into())
            .spawn(current_recorder)
        {
            Ok(thread) => {
                if let Ok(address) = thread.join() {
                    recorder.open_fast_path(address);
                }
            }
            // The facade records the same values, but is slower.
            Err(error) => tracing::warn!(%error, "fast path unavailable; using the facade"),
        }
        Ok(exporter)
    }

    /// Builds the recorder and the exporter without installing the recorder as the global one, so
    /// that it can be combined with other recorders. The exporter's threads are started.
    ///
    /// ```
    /// use mcp_metrics::{Exporter, track_request};
    ///
    /// let (recorder, exporter) = Exporter::builder().build()?;
    /// metrics::with_local_recorder(&recorder, || {
    ///     track_request("web_search", "search").run(|| ());
    /// });
    /// assert_eq!(exporter.summary().requests[0].total, 1);
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the configuration is invalid, the endpoint cannot listen on its address, or a thread
    /// cannot be started.
    pub fn build(self) -> Result<(MetricsRecorder, Exporter), InstallError> {
        let (exporter, background) = self.start()?;
        exporter.set_background(background);
        Ok((exporter.recorder().clone(), exporter))
    }

    /// Builds the exporter and starts its threads.
    fn start(mut self) -> Result<(Exporter, Background), InstallError> {
        let settings = self.settings()?;
        #[cfg(feature = "auth")]
        let access = crate::http::auth::AuthPolicy::new(&self.rules)?;
        #[cfg(feature = "push")]
        let push_target = self.push_target()?;
        #[cfg(feature = "http")]
        let listener = self.bind()?;

        let recorder = MetricsRecorder::new(settings);
        self.add_process_metrics(&recorder);
        let hooks = std::mem::take(&mut self.hooks);
        #[cfg(feature = "http")]
        self.warn_if_unauthenticated();
        let exporter = Exporter::new(
            recorder,
            self.app,
            hooks,
            #[cfg(feature = "auth")]
            access,
            #[cfg(feature = "http")]
            self.status_page,
        );
        let config = BackgroundConfig {
            system_interval: self.system_interval,
            disk_path: self.disk_path,
            #[cfg(feature = "http")]
            listener,
            #[cfg(feature = "push")]
            push_target,
        };
        let background = Background::start(&exporter, config).map_err(InstallError::Thread)?;
        Ok((exporter, background))
    }

    fn settings(&self) -> Result<Settings, InstallError> {
        let bounds = |metric: &str, bounds: &[f64]| {
            let bounds = Bounds::new(bounds).map_err(|source| InstallError::Buckets {
                metric: metric.to_owned(),
                source,
            })?;
            #[cfg(feature = "protobuf")]
            let bounds = bounds.native(self.native_histograms);
            Ok::<_, InstallError>(bounds)
        };
        let mut named = HashMap::from([(
            catalog::REQUEST_DURATION.to_owned(),
            bounds(
                catalog::REQUEST_DURATION,
                &catalog::REQUEST_DURATION_BUCKETS,
            )?,
        )]);
        for (metric, buckets) in &self.buckets {
            named.insert(family_name(metric), bounds(metric, buckets)?);
        }
        let default = bounds("default", &self.default_buckets)?;
        if let Some(interval) = self
            .system_interval
            .filter(|interval| *interval < MIN_INTERVAL)
        {
            return Err(InstallError::Interval(interval));
        }
        if self.label_limit == 0 {
            return Err(InstallError::LabelLimit);
        }
        Ok(Settings {
            buckets: BucketRules { named, default },
            global_labels: self.global_labels.clone(),
            idle_timeout: self.idle_timeout,
            label_limit: self.label_limit,
        })
    }

    #[cfg(feature = "push")]
    fn push_target(&self) -> Result<Option<Target>, InstallError> {
        let target = self.push_gateway.as_ref().map(Target::new).transpose();
        target.map_err(InstallError::PushGateway)
    }

    #[cfg(feature = "http")]
    fn bind(&self) -> Result<Option<BoundListener>, InstallError> {
        let Limits {
            connections,
            timeout,
        } = self.limits;
        if connections == 0 || timeout < MIN_HTTP_TIMEOUT {
            return Err(InstallError::Limits {
                connections,
                timeout,
            });
        }
        #[cfg(feature = "tls")]
        let acceptor = self
            .tls
            .clone()
            .map(crate::http::Acceptor::new)
            .transpose()?;
        let bind = |address| {
            let bound = BoundListener::new(address, self.limits)
                .map_err(|source| InstallError::Listen { address, source })?;
            #[cfg(feature = "tls")]
            let bound = bound.with_tls(acceptor);
            Ok(bound)
        };
        self.listen.map(bind).transpose()
    }

    #[cfg(feature = "http")]
    fn warn_if_unauthenticated(&self) {
        #[cfg(feature = "auth")]
        if !self.rules.is_empty() {
            return;
        }
        #[cfg(feature = "tls")]
        if self.tls.as_ref().is_some_and(Tls::asks_for_certificates) {
            return;
        }
        if let Some(address) = self.listen.filter(|address| !address.ip().is_loopback()) {
            tracing::warn!(%address, "metrics endpoint requires no authentication");
        }
    }

    #[cfg(feature = "process")]
    fn add_process_metrics(&mut self, recorder: &MetricsRecorder) {
        if self.process_metrics {
            let collector = metrics_process::Collector::default();
            metrics::with_local_recorder(recorder, || collector.describe());
            self.hooks.insert(0, Box::new(move || collector.collect()));
        }
    }

    #[cfg(not(feature = "process"))]
    #[expect(
        clippy::unused_self,
        clippy::needless_pass_by_ref_mut,
        reason = "the feature is off"
    )]
    fn add_process_metrics(&mut self, _: &MetricsRecorder) {}
}

impl fmt::Debug for ExporterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExporterBuilder")
            .field("app", &self.app)
            .field("system_interval", &self.system_interval)
            .field("disk_path", &self.disk_path)
            .field("label_limit", &self.label_limit)
            .finish_non_exhaustive()
    }
}
