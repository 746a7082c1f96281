//! The kit's own files, as data.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

pub(crate) use mcp_metrics_tests::kit::{folder, read, text};
use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};

/// A file of rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    /// Rules that are evaluated together, in this order.
    groups: Vec<Group>,
}

/// A group of rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "interval")]
    _interval: Option<String>,
    rules: Vec<Rule>,
}

/// A recording rule or an alert.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The name of the series that it makes.
    pub(crate) record: Option<String>,
    /// The name of the alert.
    pub(crate) alert: Option<String>,
    /// What it asks.
    pub(crate) expr: String,
    #[serde(rename = "for")]
    _for: Option<String>,
    /// Labels that the answers get.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    /// Texts of an alert.
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A file of promtool's unit tests.
#[derive(Debug, Deserialize)]
struct UnitTests {
    /// The cases.
    tests: Vec<Case>,
}

/// Series, and what is to come of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "interval")]
    _interval: String,
    /// What is scraped.
    pub(crate) input_series: Vec<Series>,
    /// Queries and their answers.
    #[serde(default)]
    pub(crate) promql_expr_test: Vec<Query>,
    /// Alerts, and whether they fire.
    #[serde(default)]
    pub(crate) alert_rule_test: Vec<Expectation>,
}

/// A series of a unit test.
#[derive(Debug, Deserialize)]
pub(crate) struct Series {
    /// Its name and labels.
    pub(crate) series: String,
}

/// A query of a unit test.
#[derive(Debug, Deserialize)]
pub(crate) struct Query {
    /// What it asks.
    pub(crate) expr: String,
    /// What is expected.
    pub(crate) exp_samples: Vec<IgnoredAny>,
}

/// What an alert is to do at a time.
#[derive(Debug, Deserialize)]
pub(crate) struct Expectation {
    /// The alert.
    pub(crate) alertname: String,
    /// How it fires; empty if it is to stay silent.
    pub(crate) exp_alerts: Vec<IgnoredAny>,
}

/// `prometheus.yml`, as far as it is about the hub.
#[derive(Debug, Deserialize)]
pub(crate) struct Configuration {
    /// How often.
    pub(crate) global: Global,
    /// Where the rules are.
    pub(crate) rule_files: Vec<String>,
    /// Whom to tell.
    pub(crate) alerting: Alerting,
    /// What to scrape.
    pub(crate) scrape_configs: Vec<Job>,
}

/// Settings for all jobs.
#[derive(Debug, Deserialize)]
pub(crate) struct Global {
    /// Between two scrapes.
    pub(crate) scrape_interval: String,
}

/// The Alertmanagers.
#[derive(Debug, Deserialize)]
pub(crate) struct Alerting {
    /// Where they are.
    pub(crate) alertmanagers: Vec<Alertmanager>,
}

/// An Alertmanager.
#[derive(Debug, Deserialize)]
pub(crate) struct Alertmanager {
    /// Its address.
    pub(crate) static_configs: Vec<Targets>,
}

/// A job that scrapes.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    /// The value of the label `job`.
    #[serde(rename = "job_name")]
    pub(crate) name: String,
    /// The path that it asks for.
    pub(crate) metrics_path: String,
    /// The addresses that it asks.
    #[serde(default)]
    pub(crate) static_configs: Vec<Targets>,
    /// The files with further addresses.
    #[serde(default)]
    pub(crate) file_sd_configs: Vec<TargetFiles>,
}

/// Files with addresses.
#[derive(Debug, Deserialize)]
pub(crate) struct TargetFiles {
    /// Their names.
    pub(crate) files: Vec<String>,
}

/// Addresses.
#[derive(Debug, Deserialize)]
pub(crate) struct Targets {
    /// Host and port.
    pub(crate) targets: Vec<String>,
}

impl Rules {
    /// All rules, in the order of their files and groups.
    pub(crate) fn parse(texts: &[String]) -> Vec<Rule> {
        let files = texts.iter().map(|text| parse::<Self>(text));
        files
            .flat_map(|file| file.groups)
            .flat_map(|group| group.rules)
            .collect()
    }
}

/// Reads YAML.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> T {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Reads the documents of a YAML file.
pub(crate) fn parse_all<T: DeserializeOwned>(text: &str) -> Vec<T> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// `prometheus.yml`.
pub(crate) fn configuration() -> Configuration {
    parse(&read("prometheus.yml"))
}

/// The configuration for many hubs.
pub(crate) fn configuration_for_many() -> Configuration {
    parse(&read("many-hubs/prometheus.yml"))
}

/// The texts of the files of rules, in the order in which Prometheus is told of them.
pub(crate) fn rules() -> Vec<String> {
    let names = configuration().rule_files;
    names.iter().map(|name| read(name)).collect()
}

/// The files of unit tests.
pub(crate) fn unit_tests() -> Vec<PathBuf> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("monitoring/rules"))
}

/// The cases of all unit tests.
pub(crate) fn cases() -> Vec<Case> {
    let files = unit_tests();
    let parsed = files.iter().map(|file| parse::<UnitTests>(&text(file)));
    parsed.flat_map(|file| file.tests).collect()
}

/// What a folder holds, by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is part of the repository");
    let mut paths: Vec<_> = entries.map(|it| it.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths
}
