//! The HTTP endpoint: routes to mount on an application's own server, and a listener on its own
//! thread, which responds even while the program's runtime is blocked.

mod accept_loop;
#[cfg(feature = "auth")]
pub(crate) mod auth;
mod connection;
mod connection_service;
mod eviction;
#[cfg(feature = "auth")]
mod guard;
mod listener;
mod negotiate;
mod page;
mod scrape;
#[cfg(feature = "tls")]
mod tls;

use axum::routing::get;
use axum::{Router, middleware};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::exporter::Exporter;
#[cfg(feature = "auth")]
pub use auth::AccessError;
pub(crate) use listener::{BoundListener, Limits, Listener};
use scrape::Scrapes;
#[cfg(feature = "tls")]
pub(crate) use tls::Acceptor;
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};

/// The paths of the metrics: the conventional one, and the one in existing scrape configurations of
/// hubs.
const METRICS_PATHS: [&str; 2] = ["/metrics", "/api/get_prometheus_metrics_service"];

impl Exporter {
    /// Returns the endpoint's routes, to be merged into an application's own [`Router`]:
    ///
    /// - `GET /metrics` and `GET /api/get_prometheus_metrics_service`: the metrics. According to
    ///   `Accept`, they are in the text format, `text/plain; version=0.0.4; charset=utf-8`, or in
    ///   OpenMetrics, `application/openmetrics-text; version=1.0.0; charset=utf-8`, which
    ///   Prometheus prefers;
    /// - `GET /health`: `ok`, as long as the server responds;
    /// - with [`status_page`](crate::ExporterBuilder::status_page) also `GET /`, a status page in
    ///   HTML, and `GET /api/metrics_summary`, a [`MetricsSummary`](crate::MetricsSummary) in JSON.
    ///
    /// `HEAD` is supported too; other methods get 405. Responses are compressed with gzip (or zstd,
    /// with the feature of that name) according to `Accept-Encoding`. Concurrent requests share one
    /// render.
    ///
    /// With the feature `auth`, the builder's access rules apply here as well: tokens and passwords
    /// to all routes but `/health`, networks to all. Network rules need the client's address: serve
    /// the router with axum's `into_make_service_with_connect_info::<SocketAddr>()`. Otherwise all
    /// requests are refused. Connection limits and TLS are up to the application's server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), mcp_metrics::InstallError> {
    /// use axum::{Router, routing::get};
    /// use mcp_metrics::Exporter;
    ///
    /// let exporter = Exporter::builder().install()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "my hub" }))
    ///     .merge(exporter.router());
    /// # let _ = app; Ok(())
    /// # }
    /// ```
    pub fn router(&self) -> Router {
        let mut metrics = Router::new();
        for path in METRICS_PATHS {
            metrics = metrics.route(path, get(scrape::metrics));
        }
        let scrapes = Scrapes::new(self.clone());
        let metrics = metrics.with_state(scrapes.clone());
        let health = Router::new().route("/health", get(|| async { "ok\n" }));
        #[cfg(feature = "auth")]
        let guard = guard::Guard::new(self.access());
        #[cfg(feature = "auth")]
        let guarded = |routes: Router| {
            let check = guard::check_credentials;
            routes.route_layer(middleware::from_fn_with_state(guard.clone(), check))
        };
        #[cfg(not(feature = "auth"))]
        let guarded = |routes: Router| routes;
        let recorder = self.recorder().clone();
        let metrics =
            guarded(metrics).route_layer(middleware::from_fn_with_state(recorder, scrape::count));
        let mut routes = metrics.merge(health);
        if self.shows_status_page() {
            let page = Router::new()
                .route("/", get(page::page))
                .route("/api/metrics_summary", get(page::summary));
            routes = routes.merge(guarded(page.with_state(scrapes)));
        }
        #[cfg(feature = "auth")]
        let routes = routes.route_layer(middleware::from_fn_with_state(guard, guard::check_peer));
        // Metrics are repetitive: even the fastest level reduces them to a tenth of their size.
        routes.route_layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
    }
}
