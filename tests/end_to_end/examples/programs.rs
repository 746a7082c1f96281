//! Starts the examples and formats their scrapes.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
    sync::LazyLock,
};

use mcp_metrics_tests::{Process, Scrape, binaries, http};

/// Returns the command of an example.
pub(crate) fn command(name: &str) -> Command {
    static BUILT: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| {
        let programs = [
            "acme-tickets",
            "axum_service",
            "batch_job",
            "llm_client",
            "quickstart",
            "rmcp_server",
            "stdio_server",
        ];
        binaries::build(&programs, "examples")
    });
    let mut command = Command::new(&BUILT[name]);
    command
        // The log without colours can be parsed.
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

/// Waits for the address in the URL that a program logs after `prefix`.
pub(crate) fn address(process: &mut Process, prefix: &str) -> SocketAddr {
    process.wait_for(prefix, |line| {
        let (_, url) = line.split_once(&format!("{prefix} at http://"))?;
        url.split_once('/')?.0.parse().ok()
    })
}

/// Sends SIGTERM and asserts that the program exits with status 0.
pub(crate) fn terminate(process: &mut Process) {
    let kill = format!("kill -TERM {}", process.child.id());
    let sent = Command::new("sh").args(["-c", &kill]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{kill}");
    assert_eq!(process.wait().code(), Some(0), "{}", process.log());
}

/// Returns the series of a program, from its endpoint.
pub(crate) fn scrape(address: SocketAddr) -> Vec<String> {
    let response = http::get(address, "/metrics");
    assert_eq!(response.status, 200);
    series(&Scrape::parse(&response.body))
}

/// Formats the hub's series, without the prefix `mcp_hub_`; see [`series_with_prefix`].
pub(crate) fn series(scrape: &Scrape) -> Vec<String> {
    series_with_prefix("mcp_hub_", scrape)
}

/// Formats the series of a namespace, without its prefix. Omits what differs between runs and
/// releases (system metrics, durations and the version) and the labels that a Pushgateway adds.
pub(crate) fn series_with_prefix(prefix: &str, scrape: &Scrape) -> Vec<String> {
    let hidden = ["instance", "job", "version"];
    let mut series: Vec<String> = scrape
        .samples
        .iter()
        .filter_map(|(name, labels, value)| {
            let name = name.strip_prefix(prefix)?;
            let varies = ["cpu_", "memory_", "disk_", "uptime_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
                || name.ends_with("_bucket")
                || name.ends_with("_sum");
            let labels: Vec<_> = labels
                .iter()
                .filter(|(name, _)| !hidden.contains(&name.as_str()))
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            (!varies).then(|| format!("{name}{{{}}} {value}", labels.join(",")))
        })
        .collect();
    series.sort();
    series
}

/// Asserts that these are the series, one per line.
#[track_caller]
pub(crate) fn assert_series(series: &[String], expected: &str) {
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert_eq!(series, expected, "got:\n{}", series.join("\n"));
}
