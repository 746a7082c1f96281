//! Which alerts keep which others quiet, in a real Alertmanager with the kit's configuration.

use std::collections::BTreeMap;

use mcp_metrics_tests::{eventually, kit::read};
use serde_json::Value;

use crate::drive::Alertmanager;

/// A hub's labels.
const HUB: [&str; 2] = ["job=mcp-hub", "instance=a:7860"];

/// Each alert that Alertmanager knows of, and whether another one keeps it quiet.
fn quiet(alertmanager: &Alertmanager) -> BTreeMap<String, bool> {
    let alerts = alertmanager.alerts();
    let of = |alert: &Value| {
        let labels = &alert["labels"];
        let text = |label: &str| labels[label].as_str().unwrap_or_default().to_owned();
        let by = alert["status"]["inhibitedBy"].as_array().map(Vec::len);
        let who = text("instance") + &text("agent");
        (format!("{} {who}", text("alertname")), by != Some(0))
    };
    alerts.iter().map(of).collect()
}

/// Waits until Alertmanager keeps those alerts quiet, and not the others.
fn assert_quiet(alertmanager: &Alertmanager, those: &[&str], others: &[&str]) {
    let quiet_ones = those.iter().map(|name| ((*name).to_owned(), true));
    let heard = others.iter().map(|name| ((*name).to_owned(), false));
    let expected: BTreeMap<_, _> = quiet_ones.chain(heard).collect();
    eventually(&format!("{expected:?}"), || quiet(alertmanager) == expected);
}

#[test]
fn a_hub_that_is_down_has_no_other_news() {
    let Some(alertmanager) = Alertmanager::start(&read("alertmanager.yml")) else {
        return;
    };
    let tell = |alert: &str, labels: &[&str], severity: &str| {
        let severity = format!("severity={severity}");
        alertmanager.tell(alert, &[labels, &[severity.as_str()]].concat());
    };
    tell("HighMemoryUsage", &HUB, "warning");
    tell(
        "HighMemoryUsage",
        &["job=mcp-hub", "instance=b:7860"],
        "warning",
    );
    tell("SlowResponses", &["job=mcp-hub", "agent=search"], "warning");
    let all = [
        "HighMemoryUsage a:7860",
        "HighMemoryUsage b:7860",
        "SlowResponses search",
    ];
    assert_quiet(&alertmanager, &[], &all);
    tell("ServiceDown", &HUB, "critical");
    let others = [&all[1..], &["ServiceDown a:7860"]].concat();
    assert_quiet(&alertmanager, &all[..1], &others);
}

#[test]
fn a_fast_burn_keeps_the_slow_ones_of_the_same_agent_quiet() {
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
        alertmanager.tell(alert, &["job=mcp-hub", &agent, &severity]);
    }
    assert_quiet(
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
