//! Bucket bounds.

/// Upper bounds of `mcp_hub_request_duration_seconds`, in seconds; `+Inf` is implied.
pub const REQUEST_DURATION_BUCKETS: [f64; 9] = [0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];

/// Upper bounds, in seconds, of histograms that this crate does not define.
///
/// The defaults of the official Prometheus client libraries.
pub const DEFAULT_BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Upper bounds, in seconds, from a millisecond to ten minutes; `+Inf` is implied.
///
/// They include [`REQUEST_DURATION_BUCKETS`] and [`DEFAULT_BUCKETS`], so that queries of the
/// documented bounds, such as `le="0.5"`, keep working. Each series of the histogram has 18
/// buckets instead of 9.
///
/// ```
/// use mcp_metrics::{Exporter, catalog};
///
/// let exporter = Exporter::builder().buckets(&catalog::FINE_BUCKETS).install()?;
/// mcp_metrics::track_request("planner", "plan").run(|| ());
/// assert!(exporter.render().contains(r#"operation="plan",le="600.0"} 1"#));
/// # Ok::<(), mcp_metrics::InstallError>(())
/// ```
pub const FINE_BUCKETS: [f64; 18] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    120.0, 300.0, 600.0,
];
