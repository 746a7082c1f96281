//! Has the attributes expanded anew when what they read from the environment changes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PROMETHEUS_URL");
    println!("cargo::rerun-if-env-changed=MCP_METRICS_DOCS");
}
