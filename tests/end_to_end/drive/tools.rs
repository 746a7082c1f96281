//! The programs that the tests need besides cargo.

use std::path::{Path, PathBuf};

use mcp_metrics_tests::tools::found;

/// A Python that has the MCP SDK.
pub(crate) fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    found("the Python MCP SDK", &python)
}

/// The Prometheus server.
pub(crate) fn prometheus() -> Option<PathBuf> {
    found("Prometheus", Path::new("prometheus"))
}

/// Prometheus' tool for checks and queries.
pub(crate) fn promtool() -> Option<PathBuf> {
    found("promtool", Path::new("promtool"))
}

/// Prometheus' gateway for jobs that push.
pub(crate) fn pushgateway() -> Option<PathBuf> {
    found("the Pushgateway", Path::new("prometheus-pushgateway"))
}

/// What Prometheus tells its alerts.
pub(crate) fn alertmanager() -> Option<PathBuf> {
    found("Alertmanager", Path::new("prometheus-alertmanager"))
}

/// A store for what Prometheus writes.
pub(crate) fn victoria_metrics() -> Option<PathBuf> {
    found("VictoriaMetrics", Path::new("victoria-metrics"))
}

/// Alertmanager's tool.
pub(crate) fn amtool() -> Option<PathBuf> {
    found("amtool", Path::new("amtool"))
}
