//! What Prometheus' own tool says of the kit, and what the kit's configuration asks for.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use mcp_metrics_tests::tools;

use crate::kit;

/// Has promtool look at these files; nothing if the tests are to do without it.
fn promtool(arguments: &[&str], files: &[PathBuf]) {
    let Some(promtool) = tools::found("promtool", Path::new("promtool")) else {
        return;
    };
    let answer = Command::new(promtool).args(arguments).args(files).output();
    let answer = answer.expect("promtool runs");
    assert!(
        answer.status.success(),
        "promtool {arguments:?}:\n{}{}",
        String::from_utf8_lossy(&answer.stdout),
        String::from_utf8_lossy(&answer.stderr)
    );
}

#[test]
fn promtool_accepts_the_configuration() {
    promtool(
        &["check", "config"],
        &[kit::folder().join("prometheus.yml")],
    );
}

#[test]
fn promtool_accepts_the_rules() {
    let rules = kit::files(&kit::folder().join("rules"));
    promtool(&["check", "rules", "--lint=all", "--lint-fatal"], &rules);
}

#[test]
fn the_rules_pass_their_unit_tests() {
    promtool(&["test", "rules"], &kit::unit_tests());
}

#[test]
fn the_configuration_scrapes_what_the_hub_serves() {
    let configuration = kit::configuration();
    assert_eq!(configuration.global.scrape_interval, "15s");
    let [job] = &configuration.scrape_configs[..] else {
        panic!("one job: {configuration:?}");
    };
    assert_eq!(job.name, "mcp-hub");
    assert_eq!(job.metrics_path, "/api/get_prometheus_metrics_service");
    assert_eq!(job.static_configs[0].targets, ["localhost:7860"]);
    let alertmanager = &configuration.alerting.alertmanagers[0];
    assert_eq!(alertmanager.static_configs[0].targets, ["localhost:9093"]);

    let named: BTreeSet<_> = configuration
        .rule_files
        .iter()
        .map(|it| kit::folder().join(it))
        .collect();
    let there: BTreeSet<_> = kit::files(&kit::folder().join("rules"))
        .into_iter()
        .collect();
    assert_eq!(named, there, "Prometheus is told of each file of rules");
}
