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
use crate::http::auth::Rules;
#[cfg(feature = "http")]
use crate::http::{BoundListener, Limits};
use crate::instrument::clock;
use crate::instrument::current_recorder;
#[cfg(feature = "push")]
use crate::push::{InvalidPushGateway, PushGateway, Target};
use crate::recorder::{BucketRules, MetricsRecorder, Settings, family_name};
use crate::storage::DEFAULT_LIMIT;
use crate::storage::histogram::{Bounds, InvalidBuckets};

/// The shortest sampling interval: the processor's use cannot be told over a shorter time.
const MIN_INTERVAL: Duration = sysinfo::MINIMUM_CPU_UPDATE_INTERVAL;

/// Why an exporter could not be built or installed. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The process has a global recorder already, ours or another one.
    #[error(
        "a metrics recorder is installed already; install one exporter per process, at its start, \
         or use `build` and combine the recorders"
    )]
    AlreadyInstalled,
    /// The endpoint cannot listen at this address.
    #[error("the metrics endpoint cannot listen at {address}: {source}")]
    Listen {
        /// The address from [`ExporterBuilder::listen`].
        address: SocketAddr,
        /// What the system says, `AddrInUse` for instance.
        source: io::Error,
    },
    /// A histogram's buckets make no sense.
    #[error("the buckets of `{metric}` are not usable: {source}")]
    Buckets {
        /// The histogram.
        metric: String,
        /// What is wrong with them.
        source: InvalidBuckets,
    },
    /// The sampling interval is too short to tell the use of a processor.
    #[error("the system interval {0:?} is too short; the shortest is {MIN_INTERVAL:?}")]
    Interval(Duration),
    /// The label limit is zero.
    #[error("the label limit is 0, which leaves no series at all; the default is {DEFAULT_LIMIT}")]
    LabelLimit,
    /// The limits of the endpoint leave nothing to serve.
    #[cfg(feature = "http")]
    #[error(
        "the endpoint allows {connections} connections and {timeout:?} for each request; it needs \
         one and a millisecond at least"
    )]
    Limits {
        /// The connections from [`ExporterBuilder::max_connections`].
        connections: usize,
        /// The time from [`ExporterBuilder::http_timeout`].
        timeout: Duration,
    },
    /// The rules of who may read the endpoint make no sense.
    #[cfg(feature = "auth")]
    #[error("the endpoint cannot be protected as asked: {0}")]
    Access(#[from] crate::AccessError),
    /// The endpoint cannot be served over TLS.
    #[cfg(feature = "tls")]
    #[error("the endpoint cannot be served over TLS: {0}")]
    Tls(#[from] crate::TlsError),
    /// Nothing can be pushed to the Pushgateway as it is configured.
    #[cfg(feature = "push")]
    #[error("the Pushgateway cannot be used: {0}")]
    PushGateway(#[source] InvalidPushGateway),
    /// A thread could not be started.
    #[error("a thread of the exporter cannot be started: {0}")]
    Thread(#[source] io::Error),
}

type Hook = Box<dyn Fn() + Send + Sync>;

/// Configures an [`Exporter`]; made by [`Exporter::builder`].
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
#[must_use = "nothing happens before `install` or `build`"]
pub struct ExporterBuilder {
    app: (String, String),
    #[cfg(feature = "http")]
    listen: Option<SocketAddr>,
    #[cfg(feature = "http")]
    limits: Limits,
    #[cfg(feature = "auth")]
    rules: Rules,
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
    /// An exporter with the defaults: no endpoint of its own, system metrics every five seconds.
    pub fn builder() -> ExporterBuilder {
        ExporterBuilder {
            app: ("mcp-hub".into(), "unknown".into()),
            #[cfg(feature = "http")]
            listen: None,
            #[cfg(feature = "http")]
            limits: Limits::default(),
            #[cfg(feature = "auth")]
            rules: Rules::default(),
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
    /// Which application this is: the labels `name` and `version` of `mcp_hub_app_info`.
    ///
    /// Default: `mcp-hub`, `unknown`.
    pub fn app(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.app = (name.into(), version.into());
        self
    }

    /// Serves the metrics at this address, from a thread of the exporter's own. At port 0 the
    /// system chooses one, which [`Exporter::local_addr`] tells.
    ///
    /// Whoever can reach the address can read the metrics, unless a feature `auth` or `tls` says
    /// otherwise: name a loopback address, `[127, 0, 0, 1]`, if Prometheus runs on the same machine.
    /// In a container, only `[0, 0, 0, 0]` can be reached from outside. For an application that has
    /// an HTTP server already there is [`Exporter::router`]. Default: no endpoint.
    #[cfg(feature = "http")]
    pub fn listen(mut self, address: impl Into<SocketAddr>) -> Self {
        self.listen = Some(address.into());
        self
    }

    /// Serves a status page beside the metrics, from [`Exporter::router`] and at
    /// [`listen`](Self::listen)'s address: at `/` a page for a browser, which needs nothing from
    /// elsewhere, and at `/api/metrics_summary` the numbers it shows, a
    /// [`MetricsSummary`](crate::MetricsSummary) in JSON.
    ///
    /// Who can open the page can read all metrics, and also the module and line of each tracked
    /// function. An application that has a page of its own at `/` nests the router, under a path of
    /// its choice. Default: no page.
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

    /// The most connections that the endpoint's listener holds at a time. When they are all taken,
    /// a new one gets the place of one that asks for nothing; only clients that are being answered
    /// have others wait.
    ///
    /// Default: 256.
    #[cfg(feature = "http")]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections;
        self
    }

    /// How long a client of the listener has to send a request, to take the answer, and to send the
    /// next one before its connection is closed.
    ///
    /// Default: 30 seconds, longer than Prometheus waits for a scrape.
    #[cfg(feature = "http")]
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// Asks clients for this bearer token, `Authorization: Bearer …` (RFC 6750). Each call adds one
    /// that is good as well; so does [`basic_auth`](Self::basic_auth).
    ///
    /// Holds for the listener and for [`Exporter::router`], of all paths but `/health`. Without
    /// [`tls`](Self::tls), whoever can listen to the network learns it.
    #[cfg(feature = "auth")]
    pub fn bearer_token(mut self, token: crate::Secret) -> Self {
        self.rules.tokens.push(token);
        self
    }

    /// Asks clients for this user's password, `Authorization: Basic …` (RFC 7617). The password is
    /// given as its bcrypt hash, as in the web configuration of Prometheus' own exporters; `htpasswd
    /// -nBC 10 <user>` makes one. Each call adds a user.
    ///
    /// Holds where [`bearer_token`](Self::bearer_token) does.
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

    /// Serves only clients of this network, an address like `10.0.0.7` or a range like `10.0.0.0/8`
    /// or `fd00::/8`; others get 403. Each call adds one.
    ///
    /// What counts is the address that the connection comes from: behind a proxy that is the
    /// proxy's.
    #[cfg(feature = "auth")]
    pub fn allow_network(mut self, network: impl Into<String>) -> Self {
        self.rules.networks.push(network.into());
        self
    }

    /// Serves the listener over TLS 1.2 and 1.3 only.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: crate::Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// How often processor, memory and disk are sampled.
    ///
    /// Default: every five seconds.
    pub fn system_interval(mut self, interval: Duration) -> Self {
        self.system_interval = Some(interval);
        self
    }

    /// Leaves out the processor, memory and disk metrics, and their thread.
    pub fn without_system_metrics(mut self) -> Self {
        self.system_interval = None;
        self
    }

    /// The path whose file system the disk metrics describe. Default: `/`.
    pub fn disk_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.disk_path = path.into();
        self
    }

    /// Leaves out the metrics of this process, `process_cpu_seconds_total` and its siblings.
    #[cfg(feature = "process")]
    pub fn without_process_metrics(mut self) -> Self {
        self.process_metrics = false;
        self
    }

    /// Upper bounds, in seconds, of `mcp_hub_request_duration_seconds`; `+Inf` is added.
    ///
    /// Default: [`catalog::REQUEST_DURATION_BUCKETS`], which dashboards and alerts expect.
    pub fn buckets(self, bounds: &[f64]) -> Self {
        self.buckets_for(catalog::REQUEST_DURATION, bounds)
    }

    /// Upper bounds of the histogram `metric`, which may be another crate's. Both its recorded name
    /// (`http.server.duration`) and its exported name (`http_server_duration`) are accepted.
    pub fn buckets_for(mut self, metric: impl Into<String>, bounds: &[f64]) -> Self {
        self.buckets.insert(metric.into(), bounds.to_vec());
        self
    }

    /// Upper bounds of all histograms that have none of their own.
    ///
    /// Default: [`catalog::DEFAULT_BUCKETS`], those of the official Prometheus clients.
    pub fn default_buckets(mut self, bounds: &[f64]) -> Self {
        self.default_buckets = bounds.to_vec();
        self
    }

    /// Keeps the buckets of native histograms as well, for scrapers that ask for protobuf: eight to
    /// each power of two, so that quantiles are accurate to about 9 %. Negative observations are
    /// counted as zero there. Each histogram series takes 4 KiB more.
    ///
    /// Prometheus asks for them from version 2.40 on if it is started with
    /// `--enable-feature=native-histograms`, and then takes them instead of the usual buckets:
    /// <https://prometheus.io/docs/specs/native_histograms/>. Other scrapers see no difference.
    /// Default: off.
    #[cfg(feature = "protobuf")]
    pub fn native_histograms(mut self) -> Self {
        self.native_histograms = true;
        self
    }

    /// A label for every series. A series' own label of that name takes precedence, and so does
    /// the last of two calls. A label with an empty value is left out: to Prometheus it is none.
    ///
    /// Prometheus adds `instance` and `job` itself; this is for what only the program knows.
    pub fn global_label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.global_labels.push((name.into(), value.into()));
        self
    }

    /// Leaves out counters and histograms that did not change for this long, and frees their places
    /// in the [label limit](Self::label_limit).
    ///
    /// Series with literal labels continue at their last value when they change again; all others
    /// start at zero. These stay in the export however long they are idle:
    ///
    /// - series of which the program keeps a handle, a `metrics::Counter` or `metrics::Histogram`;
    /// - gauges, whose value is current even if it does not change;
    /// - counters without labels, and those about the exporter.
    ///
    /// Default: series stay for the life of the process.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// The maximum number of distinct label sets per family. Above it, new ones are counted under the
    /// label value `other`, the first is logged, and `mcp_metrics_overflowed_total` counts them.
    ///
    /// Literal labels of this crate's attributes are always admitted. A place is free as soon as its
    /// series leaves the export. Sums over a family of counters or histograms stay whole; gauges that
    /// are set under `other` overwrite each other.
    ///
    /// Default: 1,000.
    pub fn label_limit(mut self, series: usize) -> Self {
        self.label_limit = series;
        self
    }

    /// Runs before each render, to record what other parts of the program know.
    ///
    /// Metrics recorded through the `metrics` facade arrive at this exporter. A hook that panics
    /// is logged, and the scrape is answered without it. May be called more than once.
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

    /// Pushes the metrics to a Prometheus Pushgateway, at an interval and, a last time, at
    /// [`Exporter::shutdown`]: for jobs that are over before Prometheus comes to scrape.
    ///
    /// This happens on a thread of the exporter's own. A gateway that cannot be reached, is
    /// overloaded or fails is tried again within the interval, with growing pauses; one that
    /// refuses the metrics, at the next interval. Either way the program goes on undisturbed: the
    /// log says so once, and once more when pushes work again, and
    /// `mcp_metrics_pushes_total{result="success"|"failure"}` counts one per interval. The family
    /// is there only if this is called; of two calls, the last counts. Default: nothing is pushed.
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

    /// Makes the exporter's recorder the process' global one and starts the endpoint and the
    /// sampler. Works with and without a tokio runtime.
    ///
    /// # Errors
    ///
    /// If the configuration makes no sense, the address cannot be listened at, a thread cannot be
    /// started, or the process has a global recorder already. Nothing has changed then.
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
            // Requests are as exact through the facade, and slower.
            Err(error) => tracing::warn!(%error, "requests are recorded without the fast path"),
        }
        Ok(exporter)
    }

    /// Builds the recorder and the exporter without making the recorder global, to compose it
    /// with others first. The endpoint and the sampler are started.
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
    /// If the configuration makes no sense, the address cannot be listened at, or a thread cannot
    /// be started.
    pub fn build(self) -> Result<(MetricsRecorder, Exporter), InstallError> {
        let (exporter, background) = self.start()?;
        exporter.set_background(background);
        Ok((exporter.recorder().clone(), exporter))
    }

    /// Builds the exporter and starts its threads.
    fn start(mut self) -> Result<(Exporter, Background), InstallError> {
        let settings = self.settings()?;
        #[cfg(feature = "auth")]
        let access = crate::http::auth::Access::new(&self.rules)?;
        #[cfg(feature = "push")]
        let push_target = self.push_target()?;
        #[cfg(feature = "http")]
        let listener = self.bind()?;

        let recorder = MetricsRecorder::new(settings);
        self.add_process_metrics(&recorder);
        let hooks = std::mem::take(&mut self.hooks);
        #[cfg(feature = "http")]
        self.warn_of_an_open_endpoint();
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
        if connections == 0 || timeout < Duration::from_millis(1) {
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
    fn warn_of_an_open_endpoint(&self) {
        #[cfg(feature = "auth")]
        if !self.rules.is_empty() {
            return;
        }
        #[cfg(feature = "tls")]
        if self.tls.as_ref().is_some_and(Tls::asks_for_certificates) {
            return;
        }
        if let Some(address) = self.listen.filter(|address| !address.ip().is_loopback()) {
            tracing::warn!(%address, "whoever reaches the metrics endpoint can read it");
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
