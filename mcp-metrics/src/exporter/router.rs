//! The endpoint's routes, for an application's own server.

use axum::Router;

use super::Exporter;

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
        self.inner.endpoint.router()
    }
}
