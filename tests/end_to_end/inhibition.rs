//! Inhibition of alerts, in a real Alertmanager with the configuration of the monitoring examples.

use std::collections::BTreeMap;

use mcp_metrics_tests::{eventually, kit::read};
use serde_json::Value;

use crate::drive::Alertmanager;

/// The labels of a hub.
const HUB: [&str; 2] = ["job=mcp-hub", "instance=a:7860"];

/// Returns each active alert and whether it is inhibited.
fn inhibited(alertmanager: &Alertmanager) -> BTreeMap<String, bool> {
    let alerts = alertmanager.alerts();
    let of = |alert: &Value| {
        let labels = &alert["labels"];
        let text = |label: &str| labels[label].as_str().unwrap_or_default().to_owned();
        let by = alert["status"]["inhibitedBy"].as_array().map(Vec::len);
        let source = text("instance") + &text("agent");
        (format!("{} {source}", text("alertname")), by != Some(0))
    };
    alerts.iter().map(of).collect()
}

/// Waits until exactly the alerts `muted` and `firing` are active, and only `muted` are inhibited.
fn assert_inhibited(alertmanager: &Alertmanager, muted: &[&str], firing: &[&str]) {
    let muted = muted.iter().map(|name| ((*name).to_owned(), true));
    let firing = firing.iter().map(|name| ((*name).to_owned(), false));
    let expected: BTreeMap<_, _> = muted.chain(firing).collect();
    eventually(&format!("{expected:?}"), || {
        inhibited(alertmanager) == expected
    });
}

#[test]
fn service_down_inhibits_other_alerts_of_the_hub() {
    let Some(alertmanager) = Alertmanager::start(&read("alertmanager.yml")) else {
        return;
    };
    let fire = |alert: &str, labels: &[&str], severity: &str| {
        let severity = format!("severity={severity}");
        alertmanager.fire(alert, &[labels, &[severity.as_str()]].concat());
    };
    fire("HighMemoryUsage", &HUB, "warning");
    fire(
        "HighMemoryUsage",
        &["job=mcp-hub", "instance=b:7860"],
        "warning",
    );
    fire("SlowResponses", &["job=mcp-hub", "agent=search"], "warning");
    let all = [
        "HighMemoryUsage a:7860",
        "HighMemoryUsage b:7860",
        "SlowResponses search",
    ];
    assert_inhibited(&alertmanager, &[], &all);
    fire("ServiceDown", &HUB, "critical");
    let others = [&all[1..], &["ServiceDown a:7860"]].concat();
    assert_inhibited(&alertmanager, &all[..1], &others);
}

#[test]
fn fast_burn_inhibits_slow_burns_of_the_same_agent() {
    let Some(alertmanager) = Alertmanager::start(&read("alertmanager.yml")) else {
        return;
    };
    for (alert, agent, severity) in [
        ("ErrorBudgetBurn1d", "search", "warning"),
        ("ErrorBudgetBurn1d", "runner", "warning"),
        ("HighErrorRate", "search", "warning"),
        ("ErrorBudgetBurn1h", "search", "critical"),
        ("ErrorBudgetBurn6h", "search", "critical"),
    ] {
        let (agent, severity) = (format!("agent={agent}"), format!("severity={severity}"));
        alertmanager.fire(alert, &["job=mcp-hub", &agent, &severity]);
    }
    assert_inhibited(
        &alertmanager,
        &["ErrorBudgetBurn1d search"],
        &[
            "ErrorBudgetBurn1d runner",
            "ErrorBudgetBurn1h search",
            "ErrorBudgetBurn6h search",
            "HighErrorRate search",
        ],
    );
}
