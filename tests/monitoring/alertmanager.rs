//! The alerts and labels in Alertmanager's configuration exist.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{
    kit::{self, Rule, Rules},
    names::{Names, Vocabulary, set},
};

/// The parts of `alertmanager.yml` that concern alerts.
#[derive(Debug, Deserialize)]
struct Configuration {
    route: Route,
    inhibit_rules: Vec<Inhibition>,
}

/// A route of notifications.
#[derive(Debug, Deserialize)]
struct Route {
    #[serde(default)]
    group_by: Names,
    #[serde(default)]
    matchers: Vec<String>,
    #[serde(default)]
    routes: Vec<Route>,
}

/// An inhibition: alerts that mute others.
#[derive(Debug, Deserialize)]
struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    equal: Names,
}

/// Returns whether an alert matches all of `matchers`.
fn matches(matchers: &[String], rule: &Rule) -> bool {
    matchers.iter().all(|matcher| {
        let [label, operator, value] = matcher.split(' ').collect::<Vec<_>>()[..] else {
            panic!("unsupported matcher `{matcher}`");
        };
        let value = value.trim_matches('"');
        let actual = match label {
            "alertname" => rule.alert.as_deref(),
            _ => rule.labels.get(label).map(String::as_str),
        };
        let actual = actual.unwrap_or_default();
        match operator {
            "=" => actual == value,
            "!=" => actual != value,
            "=~" => {
                let start = value
                    .strip_suffix(".+")
                    .expect("the pattern is a prefix and `.+`");
                actual.strip_prefix(start).is_some_and(|it| !it.is_empty())
            }
            _ => panic!("unsupported matcher `{matcher}`"),
        }
    })
}

#[test]
fn each_alert_has_exactly_one_route() {
    let configuration: Configuration = kit::parse(&kit::read("alertmanager.yml"));
    let routes = &configuration.route.routes;
    for rule in Rules::parse(&kit::rules()) {
        let Some(alert) = &rule.alert else { continue };
        let found = routes.iter().filter(|it| matches(&it.matchers, &rule));
        assert_eq!(found.count(), 1, "{alert}");
    }
    let labels = &set(&["alertname", "agent"]);
    assert_eq!(&configuration.route.group_by, labels);
}

#[test]
fn inhibitions_match_alerts_that_have_the_equal_labels() {
    let configuration: Configuration = kit::parse(&kit::read("alertmanager.yml"));
    let rules = Rules::parse(&kit::rules());
    let vocabulary = Vocabulary::of_the_kit();
    // Returns the names and the labels of the matching alerts.
    let matching = |matchers: &[String]| {
        let rules = rules.iter().filter(|it| it.alert.is_some());
        let rules = rules.filter(|it| matches(matchers, it));
        let alerts: Vec<_> = rules
            .map(|it| {
                let labels = vocabulary.check(&it.expr).expect("the rules are valid");
                (it.alert.clone().expect("the rule is an alert"), labels)
            })
            .collect();
        assert!(!alerts.is_empty(), "no alert matches {matchers:?}");
        alerts
    };
    assert_eq!(configuration.inhibit_rules.len(), 2);
    for inhibition in &configuration.inhibit_rules {
        let sources = matching(&inhibition.source_matchers);
        let targets = matching(&inhibition.target_matchers);
        let names = |alerts: &[(String, Names)]| -> BTreeSet<_> {
            alerts.iter().map(|(name, _)| name.clone()).collect()
        };
        assert!(names(&sources).is_disjoint(&names(&targets)));
        for (alert, labels) in &sources {
            let missing = &inhibition.equal - labels;
            assert!(missing.is_empty(), "{alert} has no {missing:?}");
        }
        let some = |(_, labels): &(String, Names)| inhibition.equal.is_subset(labels);
        assert!(targets.iter().any(some), "{inhibition:?} inhibits nothing");
    }
}
