//! promtool and vmalert accept the kit, and the kit's configuration scrapes the hub.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use mcp_metrics_tests::tools;

use crate::kit;

/// Asserts that promtool accepts these files. Does nothing if it is missing and not required.
pub(crate) fn promtool(arguments: &[&str], files: &[PathBuf]) {
    let Some(promtool) = tools::found("promtool", Path::new("promtool")) else {
        return;
    };
    let output = Command::new(promtool).args(arguments).args(files).output();
    let output = output.expect("promtool runs");
    assert!(
        output.status.success(),
        "promtool {arguments:?}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn promtool_accepts_the_configuration() {
    let names = ["prometheus.yml", "many-hubs/prometheus.yml"];
    promtool(
        &["check", "config"],
        &names.map(|name| kit::folder().join(name)),
    );
}

#[test]
fn promtool_accepts_the_rules() {
    let rules = kit::files(&kit::folder().join("rules"));
    promtool(&["check", "rules", "--lint=all", "--lint-fatal"], &rules);
}

#[test]
fn vmalert_accepts_the_rules() {
    let Some(vmalert) = tools::found("vmalert", Path::new("vmalert")) else {
        return;
    };
    let check = |rules: &Path| {
        let mut command = Command::new(&vmalert);
        command
            .arg("-dryRun")
            .arg(format!("-rule={}", rules.display()));
        let output = command.output().expect("vmalert runs");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), errors)
    };
    let (accepted, errors) = check(&kit::folder().join("rules/*.yml"));
    assert!(accepted, "{errors}");
    let (accepted, errors) = check(&kit::folder().join("prometheus.yml"));
    assert!(!accepted, "a file without rules is accepted: {errors}");
}

#[test]
fn rules_pass_their_unit_tests() {
    promtool(&["test", "rules"], &kit::unit_tests());
}

#[test]
fn configuration_scrapes_the_hub_s_endpoint() {
    let configuration = kit::configuration();
    assert_eq!(configuration.global.scrape_interval, "15s");
    let [job] = &configuration.scrape_configs[..] else {
        panic!("one job: {configuration:?}");
    };
    assert_eq!(job.name, "mcp-hub");
    assert_eq!(job.metrics_path, None, "the default, /metrics");
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
    assert_eq!(named, there, "the configuration lists every rule file");
}

#[test]
fn configuration_for_many_hubs_matches_that_for_one() {
    let (one, many) = (kit::configuration(), kit::configuration_for_many());
    assert_eq!(many.global.scrape_interval, one.global.scrape_interval);
    let rules = one.rule_files.iter().map(|it| format!("../{it}"));
    assert_eq!(many.rule_files, rules.collect::<Vec<_>>());
    let (of_one, of_many) = (&one.scrape_configs[0], &many.scrape_configs[0]);
    assert_eq!(of_many.name, of_one.name);
    assert_eq!(of_many.metrics_path, of_one.metrics_path);

    let [list] = &of_many.file_sd_configs[..] else {
        panic!("one list of hubs: {of_many:?}");
    };
    let list = kit::read(&format!("many-hubs/{}", list.files[0]));
    let hubs: Vec<kit::Targets> = kit::parse(&list);
    assert_eq!(hubs[0].targets[0], "localhost:7860");
}
