//! The prefix of the hub's metrics.

use super::{Exporter, ExporterBuilder};

impl ExporterBuilder {
    /// Sets the prefix of the hub's metrics: with `.namespace("acme")`, the families of
    /// [`catalog::FAMILIES`](crate::catalog::FAMILIES) are exported as `acme_requests_total` and so
    /// on, in all formats, pushes, label values and logs. Families with other prefixes, such as
    /// `mcp_metrics_` and `process_`, keep their names.
    ///
    /// Metrics are recorded as without it. A family may also be recorded through the `metrics`
    /// facade under its exported name; `mcp_hub_requests_total` and `acme_requests_total` are then
    /// the same metric. [`buckets_for`](Self::buckets_for) accepts both names.
    ///
    /// A namespace has ASCII letters, digits and underscores, no digit first and no underscore
    /// last. `mcp_metrics`, `mcp_server`, `mcp_http`, `mcp_client`, `gen_ai` and `process`, alone or
    /// followed by an underscore, are errors of [`install`](Self::install). The rules and
    /// dashboards in `examples/monitoring` query `mcp_hub_` families; the command `set-namespace`
    /// there writes a copy for another namespace.
    ///
    /// Default: [`catalog::NAMESPACE`](crate::catalog::NAMESPACE), `mcp_hub`.
    ///
    /// ```
    /// use mcp_metrics::{Exporter, catalog};
    ///
    /// let exporter = Exporter::builder().namespace("acme").install()?;
    /// mcp_metrics::track_search_call();
    ///
    /// assert!(exporter.render().contains("acme_search_api_calls_total 1\n"));
    /// assert_eq!(exporter.exported_name(catalog::REQUESTS), "acme_requests_total");
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }
}

impl Exporter {
    /// Returns the prefix of the hub's metrics, without the underscore that follows it.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.recorder().namespace()
    }

    /// Returns the name under which a metric is exported, for messages and queries. `metric` is a
    /// name of the [catalogue](crate::catalog) or the name under which a program records a metric.
    ///
    /// ```
    /// use mcp_metrics::{Exporter, catalog};
    ///
    /// let exporter = Exporter::builder().namespace("acme").install()?;
    /// assert_eq!(exporter.exported_name(catalog::CPU_USAGE), "acme_cpu_usage_percent");
    /// assert_eq!(exporter.exported_name("http.server.duration"), "http_server_duration");
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    #[must_use]
    pub fn exported_name(&self, metric: &str) -> String {
        self.recorder().exported_name(metric)
    }
}
