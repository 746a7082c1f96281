//! Each alert has useful texts, unit tests, and a section in the guide.

use std::collections::BTreeSet;

use crate::{
    kit::{self, Rule, Rules},
    names::{Vocabulary, set, used},
};

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
fn alerts_have_a_section_in_the_runbook() {
    let guide = kit::read("README.md");
    let sections: BTreeSet<_> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let alerts = alerts();
    for (alert, rule) in &alerts {
        assert!(
            sections.contains(alert.as_str()),
            "the guide has no section on {alert}"
        );
        let link = format!("README.md#{}", alert.to_lowercase());
        assert_eq!(rule.annotations.get("runbook"), Some(&link), "{alert}");
        let (_, section) = guide
            .split_once(&format!("### {alert}\n"))
            .expect("the guide has the section");
        let section = section.split("\n#").next().unwrap_or_default();
        for part in ["**Means:**", "**Look at:**", "**Do:**", "```promql"] {
            assert!(section.contains(part), "{alert}: no {part}");
        }
    }
}
