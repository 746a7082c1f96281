//! Each alert has useful texts, unit tests, and a section in a runbook.

use std::collections::BTreeSet;

use crate::{
    kit::{self, Rule, Rules},
    names::{Vocabulary, set, used},
};

/// The guides on docs.rs.
const GUIDES: &str = "https://docs.rs/mcp-metrics/latest/mcp_metrics/guide/";

/// Returns the kit's alerts with their names.
fn alerts() -> Vec<(String, Rule)> {
    let rules = Rules::parse(&kit::rules()).into_iter();
    rules
        .filter_map(|rule| Some((rule.alert.clone()?, rule)))
        .collect()
}

#[test]
fn alert_texts_name_the_severity_and_the_source() {
    let vocabulary = Vocabulary::of_the_kit();
    for (alert, rule) in alerts() {
        let severity = rule.labels.get("severity").map(String::as_str);
        assert!(
            matches!(severity, Some("critical" | "warning")),
            "{alert}: {severity:?}"
        );
        let labels = vocabulary.check(&rule.expr).expect("the rules are valid");
        let source = set(&["agent", "instance"]);
        for text in ["summary", "description"] {
            let text = &rule.annotations[text];
            let missing = &(&labels & &source) - &used(text);
            assert!(
                missing.is_empty(),
                "{alert}: {text:?} does not contain {missing:?}"
            );
        }
        // An alert affects agents of a hub, or clients of an MCP server.
        let affected = if alert.starts_with("Mcp") {
            "client"
        } else {
            "agent"
        };
        let description = rule.annotations["description"].to_lowercase();
        assert!(
            description.contains(affected),
            "{alert}: the description does not mention the {affected}s"
        );
    }
}

#[test]
fn alerts_have_unit_tests_that_fire_and_that_do_not() {
    let cases = kit::cases();
    for (alert, _) in alerts() {
        // For each case with the alert: whether it fires at any time.
        let fires = cases.iter().filter_map(|case| {
            let tests = case.alert_rule_test.iter();
            tests
                .filter(|it| it.alertname == alert)
                .map(|it| !it.exp_alerts.is_empty())
                .reduce(|one, other| one || other)
        });
        let seen: BTreeSet<bool> = fires.collect();
        assert!(seen.contains(&true), "{alert} fires in no unit test");
        assert!(seen.contains(&false), "{alert} fires in every unit test");
    }
}

#[test]
fn runbook_url_of_each_alert_leads_to_its_section() {
    for (alert, rule) in alerts() {
        let page = match &alert[..3] {
            "Mcp" => "mcp_runbook",
            "Llm" => "llm_runbook",
            _ => "runbook",
        };
        let url = format!("{GUIDES}{page}/index.html#{}", alert.to_lowercase());
        assert_eq!(rule.annotations.get("runbook_url"), Some(&url), "{alert}");
        let section = kit::runbook(page).split("\n# ").find_map(|section| {
            section
                .strip_prefix(&format!("{alert}\n"))
                .map(str::to_owned)
        });
        let section = section.unwrap_or_else(|| panic!("{page}.md has no section on {alert}"));
        for part in ["**Means:**", "**Look at:**", "**Do:**", "```promql"] {
            assert!(section.contains(part), "{alert}: no {part}");
        }
    }
}
