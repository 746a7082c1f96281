//! The rules, alerts and dashboard of `examples/monitoring`, in a real Prometheus that scrapes a
//! busy hub.

use std::{net::SocketAddr, path::Path};

use mcp_metrics_tests::{
    dashboard::{self, Dashboard},
    eventually,
    kit::{self, read},
    llm,
};
use serde_json::Value;

use crate::{
    drive::{Alertmanager, Hub, Prometheus, Recording},
    llm_kit,
};

/// Replaces `old`, which must occur, with `new`.
pub(crate) fn replace(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old} is not in:\n{text}");
    text.replace(old, new)
}

/// Returns the rules of the kit in this folder with these alerts and this configuration, with short
/// intervals and this Alertmanager.
fn with_short_intervals(
    kit: &Path,
    configuration: &str,
    alertmanager: &str,
    alerts: String,
) -> Vec<(&'static str, String)> {
    let read = |name| kit::text(&kit.join(name));
    let configuration = replace(configuration, "localhost:9093", alertmanager);
    let configuration = replace(&configuration, "_interval: 15s", "_interval: 1s");
    vec![
        ("prometheus.yml", configuration),
        ("rules/recording.yml", read("rules/recording.yml")),
        ("rules/alerts.yml", alerts),
        (
            "rules/slo.yml",
            replace(&read("rules/slo.yml"), "interval: 2m", "interval: 1s"),
        ),
    ]
}

/// Returns the files for this hub and this Alertmanager.
fn files(hub: SocketAddr, alertmanager: &str) -> Vec<(&'static str, String)> {
    files_of(&kit::folder(), hub, alertmanager)
}

/// Returns the files of the kit in this folder for this hub and this Alertmanager.
pub(crate) fn files_of(
    kit: &Path,
    hub: SocketAddr,
    alertmanager: &str,
) -> Vec<(&'static str, String)> {
    let read = |name| kit::text(&kit.join(name));
    let configuration = replace(&read("prometheus.yml"), "localhost:7860", &hub.to_string());
    let alerts = replace(&read("rules/alerts.yml"), "for: 5m", "for: 2s");
    with_short_intervals(kit, &configuration, alertmanager, alerts)
}

/// Returns the files for these hubs and this remote-write store.
pub(crate) fn files_for_many(hubs: &[String], store: &str) -> Vec<(&'static str, String)> {
    let configuration = replace(&read("many-hubs/prometheus.yml"), "localhost:8428", store);
    let configuration = replace(&configuration, "../rules/", "rules/");
    let configuration = replace(
        &configuration,
        "/api/v1/write\n",
        "/api/v1/write\n    queue_config: { batch_send_deadline: 100ms }\n",
    );
    // No Alertmanager listens on port 1.
    let alerts = read("rules/alerts.yml");
    let mut files = with_short_intervals(&kit::folder(), &configuration, "127.0.0.1:1", alerts);
    files.push(("hubs.yml", self::hubs(hubs)));
    files
}

/// Returns the file of scrape targets with these hubs.
pub(crate) fn hubs(addresses: &[String]) -> String {
    let list = read("many-hubs/hubs.yml");
    let (head, _) = list.split_once("    - ").expect("targets");
    let targets = addresses.iter().map(|it| format!("    - {it}\n"));
    targets.fold(head.to_owned(), |list, line| list + &line)
}

/// Returns all rules from Prometheus' API.
pub(crate) fn rules(prometheus: &Prometheus) -> Vec<Value> {
    let answer: Value = serde_json::from_str(&prometheus.get("/api/v1/rules")).expect("JSON");
    let groups = answer["data"]["groups"].as_array().expect("groups").clone();
    let rules = groups.iter().filter_map(|group| group["rules"].as_array());
    rules.flatten().cloned().collect()
}

/// Returns a text of a rule.
pub(crate) fn text<'a>(rule: &'a Value, field: &str) -> &'a str {
    rule[field].as_str().unwrap_or_default()
}

/// Waits until Prometheus has evaluated all alerts, and checks that no rule reports an error.
pub(crate) fn check_no_rule_fails(prometheus: &Prometheus) {
    eventually("all alerts were evaluated", || {
        let rules = rules(prometheus);
        let mut alerts = rules.iter().filter(|rule| text(rule, "type") == "alerting");
        alerts.all(|rule| text(rule, "health") == "ok")
    });
    for rule in rules(prometheus) {
        assert_eq!(text(&rule, "lastError"), "", "{rule}");
    }
}

/// Waits until each recording rule has data, and checks that no rule reports an error.
pub(crate) fn check_rules(prometheus: &Prometheus) {
    let all = rules(prometheus);
    assert!(all.len() > 40, "{} rules", all.len());
    for rule in all.iter().filter(|rule| text(rule, "type") == "recording") {
        // Queries the expression: rules with long evaluation intervals record only after minutes.
        let query = text(rule, "query");
        eventually(query, || !prometheus.query("agent", query).is_empty());
    }
    check_no_rule_fails(prometheus);
}

#[test]
fn recording_rules_have_data_and_no_rule_fails() {
    let hub = Hub::start(&["--demo-traffic"]);
    let files = files(hub.address, "127.0.0.1:1");
    let Some(prometheus) = Prometheus::with_files(&files, &[]) else {
        return;
    };
    check_rules(&prometheus);
    let over = "job_agent:mcp_hub_requests_failed:ratio_rate1h \
                > on (job, agent) 14.4 * job_agent:mcp_hub_slo_error_budget:ratio";
    eventually("an agent fails far more often than its objective", || {
        !prometheus.query("agent", over).is_empty()
    });
    // The hub is younger than the short window of each burn-rate alert.
    let burning = prometheus.query("agent", "ALERTS{alertname=~'ErrorBudgetBurn.+'}");
    assert!(burning.is_empty(), "{burning:?}");
}

#[test]
fn dashboard_panels_have_data() {
    let hub = Hub::start(&["--demo-traffic"]);
    let mut files = files(hub.address, "127.0.0.1:1");
    let _calls = add_llm_calls(&mut files, hub.address);
    let Some(prometheus) = Prometheus::with_files(&files, &[]) else {
        return;
    };
    check_panels(&Dashboard::read(dashboard::HUB), &prometheus);
}

/// Adds a program with LLM calls of all kinds to the files for a hub, whose model does not stream, and
/// the rules for these calls.
pub(crate) fn add_llm_calls(files: &mut Vec<(&'static str, String)>, hub: SocketAddr) -> Recording {
    let calls = Recording::start(llm::everything);
    let target = format!("\"{hub}\"");
    let targets = format!("{target}, \"{}\"", calls.address);
    let (_, configuration) = &mut files[0];
    *configuration = replace(configuration, &target, &targets);
    files.extend(llm_kit::rule_files());
    calls
}

/// Asserts that each variable of a dashboard has values, and that each query of a panel has data.
pub(crate) fn check_panels(dashboard: &Dashboard, prometheus: &Prometheus) {
    for (series, label) in dashboard
        .templating
        .list
        .iter()
        .filter_map(|it| it.label_values())
    {
        let query = dashboard.interpolate(&format!("group by ({label}) ({series})"), "");
        eventually(&query, || {
            let values = prometheus.query(label, &query);
            !values.is_empty() && !values.contains_key("")
        });
    }
    for panel in dashboard.panels() {
        for target in &panel.targets {
            // Some events of the demo traffic are rare; a window of a few seconds may miss them.
            let query = dashboard.interpolate(&target.expr, "1m");
            let what = format!("{} shows {query}", panel.title);
            eventually(&what, || {
                let values = prometheus.query("", &query);
                values.values().any(|value| value.is_finite())
            });
        }
    }
}

#[test]
fn high_error_rate_alert_reaches_alertmanager() {
    let Some(alertmanager) = Alertmanager::start(&read("alertmanager.yml")) else {
        return;
    };
    // Many scripts of the demo traffic fail.
    let hub = Hub::start(&["--demo-traffic"]);
    let files = files(hub.address, &alertmanager.address.to_string());
    let Some(_prometheus) = Prometheus::with_files(&files, &[]) else {
        return;
    };
    eventually("the alert for code_runner is in Alertmanager", || {
        alertmanager.alerts().iter().any(|alert| {
            let labels = &alert["labels"];
            labels["alertname"] == "HighErrorRate"
                && labels["agent"] == "code_runner"
                && text(&alert["annotations"], "summary").contains("code_runner")
        })
    });
}
