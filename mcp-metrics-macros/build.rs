//! Rebuilds the macros when an environment variable that they read changes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PROMETHEUS_URL");
    println!("cargo::rerun-if-env-changed=MCP_METRICS_DOCS");
}
