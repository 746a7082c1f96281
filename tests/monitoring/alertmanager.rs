//! Alertmanager's configuration speaks of alerts and labels that there are.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::{
    kit::{self, Rule, Rules},
    names::{Names, Vocabulary, set},
};

/// `alertmanager.yml`, as far as it is about alerts.
#[derive(Debug, Deserialize)]
struct Configuration {
    route: Route,
    inhibit_rules: Vec<Inhibition>,
}

/// Who is told.
#[derive(Debug, Deserialize)]
struct Route {
    #[serde(default)]
    group_by: Names,
    #[serde(default)]
    matchers: Vec<String>,
    #[serde(default)]
    routes: Vec<Route>,
}

/// Which alerts keep which others quiet.
#[derive(Debug, Deserialize)]
struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    equal: Names,
}

/// Whether an alert is one that these matchers mean.
fn matches(matchers: &[String], rule: &Rule) -> bool {
    matchers.iter().all(|matcher| {
        let [label, operator, value] = matcher.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{matcher} is not understood here");
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
                let start = value.strip_suffix(".+").expect("a beginning");
                actual.strip_prefix(start).is_some_and(|it| !it.is_empty())
            }
            _ => panic!("{matcher} is not understood here"),
        }
    })
}

#[test]
fn each_alert_has_a_route() {
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
fn inhibitions_are_about_alerts_that_have_the_labels() {
    let configuration: Configuration = kit::parse(&kit::read("alertmanager.yml"));
    let rules = Rules::parse(&kit::rules());
    let vocabulary = Vocabulary::of_the_kit();
    // The names of the alerts that are meant, and the labels that all of them have.
    let meant = |matchers: &[String]| {
        let rules = rules.iter().filter(|it| it.alert.is_some());
        let rules = rules.filter(|it| matches(matchers, it));
        let alerts: Vec<_> = rules
            .map(|it| {
                let labels = vocabulary.check(&it.expr).expect("the rules are in order");
                (it.alert.clone().expect("an alert"), labels)
            })
            .collect();
        assert!(!alerts.is_empty(), "no alert is meant by {matchers:?}");
        alerts
    };
    assert_eq!(configuration.inhibit_rules.len(), 2);
    for inhibition in &configuration.inhibit_rules {
        let sources = meant(&inhibition.source_matchers);
        let targets = meant(&inhibition.target_matchers);
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
