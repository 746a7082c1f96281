//! Registrations of the hub's own families by other code.

use std::collections::BTreeSet;

use mcp_metrics::catalog::{self, Family, Kind};
use mcp_metrics::{track_llm_call, track_request};
use mcp_metrics_tests::Scrape;
use metrics::{Key, Label, with_local_recorder};

use crate::{quiet, recorded, register, warnings};

fn families() -> impl Iterator<Item = &'static Family> {
    catalog::FAMILIES.iter().chain(catalog::EXPORTER_FAMILIES)
}

/// Returns the label names that `family` does not have, but that are close to its own.
fn other_labels(family: &Family) -> BTreeSet<Vec<&'static str>> {
    let own = family.labels;
    let extra = own.iter().copied().chain(["tenant"]).collect();
    let renamed = own
        .iter()
        .map(|name| if name == &own[0] { "tenant" } else { *name });
    let mut sets = BTreeSet::from([vec![], extra, renamed.collect()]);
    for left_out in own {
        sets.insert(
            own.iter()
                .copied()
                .filter(|name| name != left_out)
                .collect(),
        );
    }
    sets.retain(|names| names != own);
    sets
}

fn labels(names: &[&'static str]) -> Vec<Label> {
    names.iter().map(|name| Label::new(*name, "x")).collect()
}

#[test]
fn foreign_series_with_other_labels_is_not_exported() {
    let (recorder, exporter) = quiet().build().expect("the configuration is valid");
    let _active = with_local_recorder(&recorder, || track_request("x", "run").start());
    let samples = || {
        let mut samples = Scrape::parse(&exporter.render()).samples;
        samples.retain(|(name, ..)| name != catalog::UPTIME);
        samples
    };
    let before = samples();
    for family in families() {
        for names in other_labels(family) {
            for _ in 0..2 {
                let key = Key::from_parts(family.name, labels(&names));
                register(&recorder, family.kind, &key, 5.0);
            }
            assert_eq!(samples(), before, "{} {names:?}", family.name);
        }
        assert_eq!(warnings(&[family.name]), 1, "{}", family.name);
    }
}

#[test]
fn foreign_series_with_the_same_labels_is_exported() {
    // The exporter sets these itself.
    let own = [catalog::UPTIME, catalog::SCRAPES_IN_FLIGHT];
    for family in families().filter(|family| !own.contains(&family.name)) {
        let (recorder, exporter) = quiet().build().expect("the configuration is valid");
        let raw = family.name.replace('_', ".");
        let order = [
            labels(family.labels),
            labels(family.labels).into_iter().rev().collect(),
        ];
        for (name, labels) in [family.name, &raw].into_iter().zip(order) {
            register(
                &recorder,
                family.kind,
                &Key::from_parts(name.to_owned(), labels),
                3.0,
            );
        }
        let scrape = Scrape::parse(&exporter.render());
        let labels: Vec<_> = family.labels.iter().map(|name| (*name, "x")).collect();
        let (sample, expected) = match family.kind {
            Kind::Counter => (family.name.to_owned(), 2.0),
            Kind::Histogram => (format!("{}_count", family.name), 2.0),
            _ => (family.name.to_owned(), 3.0),
        };
        assert_eq!(scrape.value(&sample, &labels), expected, "{}", family.name);
    }
}

#[test]
fn foreign_series_with_the_same_labels_is_added_to_the_hub_s() {
    let exporter = recorded(quiet(), || {
        track_request("a", "run").run(|| ());
        metrics::counter!(catalog::REQUESTS, "operation" => "run", "agent" => "a").increment(4);
        metrics::histogram!(catalog::REQUEST_DURATION, "agent" => "a", "operation" => "run")
            .record(0.2);
        track_llm_call("openai", "gpt");
        metrics::counter!("mcp.hub.llm_api_calls-total", "model" => "gpt", "provider" => "openai")
            .increment(2);
        // The hub's labels are printed even if they are empty.
        metrics::counter!(catalog::LLM_CALLS, "model" => "", "provider" => "openai").increment(6);
        metrics::counter!(catalog::SEARCH_CALLS).increment(7);
    });
    let scrape = Scrape::parse(&exporter.render());
    let pair = [("agent", "a"), ("operation", "run")];
    assert_eq!(scrape.value(catalog::REQUESTS, &pair), 5.0);
    let count = format!("{}_count", catalog::REQUEST_DURATION);
    assert_eq!(scrape.value(&count, &pair), 2.0);
    for (model, calls) in [("gpt", 3.0), ("", 6.0)] {
        let labels = [("provider", "openai"), ("model", model)];
        assert_eq!(
            scrape.value(catalog::LLM_CALLS, &labels),
            calls,
            "{model:?}"
        );
    }
    assert_eq!(scrape.value(catalog::SEARCH_CALLS, &[]), 7.0);
}
