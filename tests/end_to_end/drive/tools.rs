//! Paths of the programs that the tests need besides cargo.

use std::path::{Path, PathBuf};

use mcp_metrics_tests::tools::found;

/// Returns a Python with the MCP SDK.
pub(crate) fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    found("the Python MCP SDK", &python)
}

/// Returns the Prometheus server.
pub(crate) fn prometheus() -> Option<PathBuf> {
    found("Prometheus", Path::new("prometheus"))
}

/// Returns promtool, for lints and queries.
pub(crate) fn promtool() -> Option<PathBuf> {
    found("promtool", Path::new("promtool"))
}

/// Returns the Pushgateway.
pub(crate) fn pushgateway() -> Option<PathBuf> {
    found("the Pushgateway", Path::new("prometheus-pushgateway"))
}

/// Returns Alertmanager.
pub(crate) fn alertmanager() -> Option<PathBuf> {
    found("Alertmanager", Path::new("prometheus-alertmanager"))
}

/// Returns VictoriaMetrics.
pub(crate) fn victoria_metrics() -> Option<PathBuf> {
    found("VictoriaMetrics", Path::new("victoria-metrics"))
}

/// Returns amtool, the command-line tool of Alertmanager.
pub(crate) fn amtool() -> Option<PathBuf> {
    found("amtool", Path::new("amtool"))
}
