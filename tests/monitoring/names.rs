//! The metrics and their labels, and the names that a text uses.

use std::collections::{BTreeMap, BTreeSet};

use mcp_metrics::catalog::{self, Family, Kind};
use promql_parser::parser::{self, Expr};

use crate::kit::{self, Rule, Rules};

/// Names of labels.
pub(crate) type Names = BTreeSet<String>;

/// The labels that Prometheus adds to each scraped series.
const TARGET: [&str; 2] = ["instance", "job"];
/// The series that Prometheus records for each target.
const OF_PROMETHEUS: [&str; 3] = ["up", "scrape_duration_seconds", "scrape_samples_scraped"];

/// What the names of metrics and of recorded series contain.
const PREFIXES: [&str; 12] = [
    "mcp_hub_",
    "mcp_hub:",
    "mcp_metrics_",
    "mcp_server_",
    "mcp_http_",
    "mcp_client_",
    "mcp_tool_",
    "mcp_message",
    "mcp_session",
    "mcp_active_",
    "gen_ai_client_",
    "llm:",
];

/// The metrics that queries can use, with their labels.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// The labels of each metric.
    labels: BTreeMap<String, Names>,
    /// Those of the labels that a series need not have, for metrics that have such labels.
    optional: BTreeMap<String, Names>,
    /// The histograms, under the names that native histograms have.
    native: Names,
}

impl Vocabulary {
    /// Returns the metrics of the catalogue.
    pub(crate) fn of_the_catalogue() -> Self {
        Self::of(&families())
    }

    /// Returns the metrics that Prometheus has when it scrapes these families.
    pub(crate) fn of<'a>(families: impl IntoIterator<Item = &'a Family>) -> Self {
        let (mut names, mut optional) = (BTreeMap::new(), BTreeMap::new());
        let mut native = Names::new();
        for metric in OF_PROMETHEUS {
            names.insert(metric.to_owned(), set(&TARGET));
        }
        // Pending and firing alerts, with their labels.
        let of_alerts = [
            "alertname",
            "alertstate",
            "severity",
            "agent",
            "service",
            "gen_ai_request_model",
            "gen_ai_tool_name",
        ];
        names.insert("ALERTS".to_owned(), &set(&of_alerts) | &set(&TARGET));
        for family in families {
            let labels: Names = &set(family.labels) | &set(&TARGET);
            let mut metrics = vec![(family.name.to_owned(), labels.clone())];
            if family.kind == Kind::Histogram {
                native.insert(family.name.to_owned());
                let ends = ["sum", "count"];
                metrics.extend(ends.map(|end| (format!("{}_{end}", family.name), labels.clone())));
                let buckets = &labels | &set(&["le"]);
                metrics.push((format!("{}_bucket", family.name), buckets));
            }
            for (name, _) in &metrics {
                optional.insert(name.clone(), set(family.optional_labels));
            }
            names.extend(metrics);
        }
        Self {
            labels: names,
            optional,
            native,
        }
    }

    /// Returns the metrics of the catalogue and those that the kit's rules record.
    pub(crate) fn of_the_kit() -> Self {
        let mut vocabulary = Self::of_the_catalogue();
        let learned = vocabulary.learn(&Rules::parse(&kit::rules()));
        learned.expect("the rules match the catalogue");
        vocabulary
    }

    /// Checks rules in order, and adds the series that they record.
    pub(crate) fn learn(&mut self, rules: &[Rule]) -> Result<(), String> {
        for rule in rules {
            let mut labels = self.check(&rule.expr)?;
            for (annotation, text) in &rule.annotations {
                demand(annotation, &labels, &used(text))?;
            }
            if let Some(name) = &rule.record {
                labels.extend(rule.labels.keys().cloned());
                self.record(name, &labels)?;
            }
        }
        Ok(())
    }

    /// Adds a series. All series of a name must have the same labels.
    fn record(&mut self, metric: &str, labels: &Names) -> Result<(), String> {
        let entry = self.labels.entry(metric.to_owned());
        let known = entry.or_insert_with(|| labels.clone());
        if known == labels {
            Ok(())
        } else {
            Err(format!(
                "{metric} has inconsistent labels: {known:?} and {labels:?}"
            ))
        }
    }

    /// Returns the labels of the metric with this name, if it exists.
    pub(crate) fn of_metric(&self, name: &str) -> Option<&Names> {
        self.labels.get(name)
    }

    /// Returns whether a metric or a histogram with this name exists.
    pub(crate) fn has(&self, name: &str) -> bool {
        let known = |name: &str| self.labels.contains_key(name);
        known(name) || known(&format!("{name}_bucket"))
    }

    /// Returns whether an expression reads native histograms.
    pub(crate) fn reads_native(&self, expr: &Expr) -> bool {
        identifiers(&expr.to_string()).any(|name| self.native.contains(name))
    }

    /// Returns the labels of a query's results, if all names in it exist.
    pub(crate) fn check(&self, query: &str) -> Result<Names, String> {
        let parsed = parser::parse(query)?;
        self.labels(&parsed)
            .map_err(|error| format!("{error}, in: {query}"))
    }

    /// Checks that a series has exactly the labels of its metric; it may lack optional ones.
    pub(crate) fn check_series(&self, series: &str) -> Result<(), String> {
        let Expr::VectorSelector(selector) = parser::parse(series)? else {
            return Err(format!("{series} is not a series"));
        };
        let all = self.selector(&selector)?;
        let found: Names = selector
            .matchers
            .matchers
            .into_iter()
            .map(|it| it.name)
            .collect();
        let optional = selector.name.and_then(|name| self.optional.get(&name));
        let required = &all - &optional.cloned().unwrap_or_default();
        if found.is_subset(&all) && required.is_subset(&found) {
            Ok(())
        } else {
            Err(format!("{series}: expected the labels {all:?}"))
        }
    }
}

/// Returns the labels that an alert's template uses.
pub(crate) fn used(template: &str) -> Names {
    let uses = template.split("$labels.").skip(1);
    uses.map(|rest| {
        rest.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    })
    .collect()
}

/// Returns the words of a text that name metrics of the crate or recording rules of the kit.
pub(crate) fn words(text: &str) -> Names {
    identifiers(text)
        .map(|word| word.trim_matches(':'))
        .filter(|word| PREFIXES.iter().any(|prefix| word.contains(prefix)))
        .map(str::to_owned)
        .collect()
}

/// Returns the words of a text that can be names of metrics.
fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_:".contains(c)))
}

/// Returns all families of the catalogue.
pub(crate) fn families() -> Vec<Family> {
    [
        catalog::FAMILIES,
        catalog::EXPORTER_FAMILIES,
        catalog::llm::FAMILIES,
        catalog::mcp::FAMILIES,
    ]
    .concat()
}

/// Checks that `there` contains all `wanted` labels.
pub(crate) fn demand<'a>(
    what: &str,
    there: &Names,
    wanted: impl IntoIterator<Item = &'a String>,
) -> Result<(), String> {
    match wanted.into_iter().find(|label| !there.contains(*label)) {
        Some(label) => Err(format!("{what} has no label {label}")),
        None => Ok(()),
    }
}

/// Returns the labels as a set.
pub(crate) fn set(labels: &[&str]) -> Names {
    labels.iter().map(|&label| label.to_owned()).collect()
}
