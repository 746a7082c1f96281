//! The samples of a scrape, as each reader represents them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use mcp_metrics::catalog;
use mcp_metrics_tests::{Scrape, scrape::Labels};
use serde_json::Value;

/// Values by name and labels. The values are text, so that NaN equals NaN.
pub(super) type Samples = BTreeMap<(String, Labels), String>;

/// Returns the samples of a scrape under their names in the text format.
pub(super) fn of_text(scrape: &Scrape) -> Samples {
    let samples = scrape.samples.iter().cloned();
    collect(samples.map(|(name, labels, value)| (name, labels, Some(value))))
}

/// Returns the samples of a scrape in the text format under their names in `OpenMetrics`, where
/// those of counters end in `_total`.
pub(super) fn with_totals(text: &Scrape) -> Samples {
    let samples = text
        .samples
        .iter()
        .cloned()
        .map(|(mut name, labels, value)| {
            let is_counter = text.kind.get(&name).is_some_and(|kind| kind == "counter");
            if is_counter && !name.ends_with("_total") {
                name.push_str("_total");
            }
            (name, labels, Some(value))
        });
    collect(samples)
}

/// Returns the samples of the Python client: `[[name, labels, value], …]`.
pub(super) fn of_python(samples: &Value) -> Samples {
    collect(samples.as_array().into_iter().flatten().map(|sample| {
        let name = sample[0].as_str().expect("a name");
        (name.to_owned(), labels(&sample[1]), number(&sample[2]))
    }))
}

/// Returns the result of an instant query, without Prometheus' own series and without the labels of
/// the target.
pub(super) fn of_prometheus(answer: &str) -> Samples {
    let answer: Value = serde_json::from_str(answer).expect("JSON");
    assert_eq!(answer["status"], "success", "{answer}");
    let series = answer["data"]["result"].as_array().expect("a vector");
    let samples = series.iter().map(|series| {
        let mut labels = labels(&series["metric"]);
        let name = labels.remove("__name__").expect("a name");
        labels.remove("case");
        for own in ["job", "instance"] {
            labels.remove(own);
            if let Some(exported) = labels.remove(&format!("exported_{own}")) {
                labels.insert(own.to_owned(), exported);
            }
        }
        (name, labels, number(&series["value"][1]))
    });
    let mut samples = collect(samples);
    samples.retain(|(name, _), _| name != "up" && !name.starts_with("scrape_"));
    samples
}

/// Returns the samples without empty labels, which Prometheus does not store.
pub(super) fn without_empty_labels(samples: Samples) -> Samples {
    let samples = samples.into_iter().map(|((name, mut labels), value)| {
        labels.retain(|_, value| !value.is_empty());
        ((name, labels), value)
    });
    samples.collect()
}

/// Returns the samples without the sums and counts of histograms for which `other` has neither.
pub(super) fn without_sums_left_out(
    mut samples: Samples,
    other: &Samples,
    text: &Scrape,
) -> Samples {
    let histograms = text.kind.iter().filter(|(_, kind)| *kind == "histogram");
    let optional: BTreeSet<String> = histograms
        .flat_map(|(name, _)| ["_sum", "_count"].map(|suffix| format!("{name}{suffix}")))
        .collect();
    samples.retain(|(name, labels), _| {
        let stem = ["_sum", "_count"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix));
        let stem = stem.unwrap_or(name);
        let both = ["_sum", "_count"].map(|it| (format!("{stem}{it}"), labels.clone()));
        !optional.contains(name) || both.iter().any(|sample| other.contains_key(sample))
    });
    samples
}

/// Returns a message about the differences between two maps, with the first three of them.
pub(super) fn difference<K: Ord + Debug, V: PartialEq + Debug>(
    found: &BTreeMap<K, V>,
    expected: &BTreeMap<K, V>,
) -> Option<String> {
    let keys: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let differences = keys
        .into_iter()
        .map(|key| (key, found.get(key), expected.get(key)));
    let wrong: Vec<_> = differences
        .filter(|(_, found, expected)| found != expected)
        .collect();
    let first = &wrong[..wrong.len().min(3)];
    let message = || {
        format!(
            "{} differences (found, expected), first {first:?}",
            wrong.len()
        )
    };
    (!wrong.is_empty()).then(message)
}

/// Collects samples, except those whose values change between scrapes.
fn collect(samples: impl Iterator<Item = (String, Labels, Option<f64>)>) -> Samples {
    let steady = samples.filter(|(name, ..)| {
        name != catalog::UPTIME
            && !name.starts_with("mcp_metrics_scrape")
            && !name.starts_with("mcp_metrics_pushes")
    });
    steady
        .map(|(name, labels, value)| {
            // Python parses `-0` as an integer and loses the sign.
            let value = value.expect("a number") + 0.0;
            ((name, labels), format!("{value:?}"))
        })
        .collect()
}

fn labels(labels: &Value) -> Labels {
    let labels = labels.as_object().into_iter().flatten();
    labels
        .map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned()))
        .collect()
}

fn number(text: &Value) -> Option<f64> {
    text.as_str()?.parse().ok()
}
