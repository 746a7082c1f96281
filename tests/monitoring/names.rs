//! Which metrics there are, which labels they have, and which of them a text uses.

use std::collections::{BTreeMap, BTreeSet};

use mcp_metrics::catalog::{self, Family, Kind};
use promql_parser::parser::{self, Expr};

use crate::kit::{self, Rule, Rules};

/// Names of labels.
pub(crate) type Names = BTreeSet<String>;

/// What Prometheus adds to each series that it scrapes.
const TARGET: [&str; 2] = ["instance", "job"];
/// What Prometheus records of its own accord.
const OF_PROMETHEUS: [&str; 3] = ["up", "scrape_duration_seconds", "scrape_samples_scraped"];

/// The metrics that may be asked for, with their labels.
#[derive(Debug)]
pub(crate) struct Vocabulary(BTreeMap<String, Names>);

impl Vocabulary {
    /// What the catalogue has.
    pub(crate) fn of_the_catalogue() -> Self {
        Self::of(catalog::FAMILIES.iter().chain(&catalog::OWN_FAMILIES))
    }

    /// What Prometheus has when it scrapes these families.
    pub(crate) fn of<'a>(families: impl IntoIterator<Item = &'a Family>) -> Self {
        let mut names = BTreeMap::new();
        for metric in OF_PROMETHEUS {
            names.insert(metric.to_owned(), set(&TARGET));
        }
        // Firing and pending alerts, with what labels they have.
        let of_alerts = ["alertname", "alertstate", "severity", "agent", "service"];
        names.insert("ALERTS".to_owned(), &set(&of_alerts) | &set(&TARGET));
        for family in families {
            let labels: Names = &set(family.labels) | &set(&TARGET);
            if family.kind == Kind::Histogram {
                for end in ["sum", "count"] {
                    names.insert(format!("{}_{end}", family.name), labels.clone());
                }
                let buckets = &labels | &set(&["le"]);
                names.insert(format!("{}_bucket", family.name), buckets);
            } else {
                names.insert(family.name.to_owned(), labels);
            }
        }
        Self(names)
    }

    /// What the catalogue has, and what the kit's rules record.
    pub(crate) fn of_the_kit() -> Self {
        let mut vocabulary = Self::of_the_catalogue();
        let learned = vocabulary.learn(&Rules::parse(&kit::rules()));
        learned.expect("the rules agree with the catalogue");
        vocabulary
    }

    /// Checks rules, one after the other, and learns what they record.
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

    /// Adds a series; further ones of its name are to have the same labels.
    fn record(&mut self, metric: &str, labels: &Names) -> Result<(), String> {
        let entry = self.0.entry(metric.to_owned());
        let known = entry.or_insert_with(|| labels.clone());
        if known == labels {
            Ok(())
        } else {
            Err(format!("{metric} has the labels {known:?} and {labels:?}"))
        }
    }

    /// The labels of a metric, if there is one of this name.
    pub(crate) fn of_metric(&self, name: &str) -> Option<&Names> {
        self.0.get(name)
    }

    /// Whether there is a metric, or a histogram, of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name) || self.0.contains_key(&format!("{name}_bucket"))
    }

    /// The labels that the answers to a query have, if all that it names exists.
    pub(crate) fn check(&self, query: &str) -> Result<Names, String> {
        let parsed = parser::parse(query)?;
        self.labels(&parsed)
            .map_err(|error| format!("{error}, in: {query}"))
    }

    /// The labels that a series says it has, if they are just the ones that its metric has.
    pub(crate) fn check_series(&self, series: &str) -> Result<(), String> {
        let Expr::VectorSelector(selector) = parser::parse(series)? else {
            return Err(format!("{series} is not a series"));
        };
        let all = self.selector(&selector)?;
        let said: Names = selector
            .matchers
            .matchers
            .into_iter()
            .map(|it| it.name)
            .collect();
        if said == all {
            Ok(())
        } else {
            Err(format!("{series} has not the labels {all:?}"))
        }
    }
}

/// The labels that a text for an alert, a template, makes use of.
pub(crate) fn used(template: &str) -> Names {
    let uses = template.split("$labels.").skip(1);
    uses.map(|rest| {
        rest.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    })
    .collect()
}

/// The words of a text that can only be names of our metrics or of our recording rules.
pub(crate) fn words(text: &str) -> Names {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_:".contains(c)))
        .map(|word| word.trim_matches(':'))
        .filter(|word| {
            word.contains("mcp_hub_") || word.contains("mcp_metrics_") || word.contains("mcp_hub:")
        })
        .map(str::to_owned)
        .collect()
}

/// That all these labels are there.
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

/// These labels.
pub(crate) fn set(labels: &[&str]) -> Names {
    labels.iter().map(|&label| label.to_owned()).collect()
}
