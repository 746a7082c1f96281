//! Parses the files of the kit.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

pub(crate) use mcp_metrics_tests::kit::{folder, read, text};
use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};

/// A rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    /// The groups in order; the rules of a group are evaluated in order.
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

/// A recording or alerting rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The name of the series that it records.
    pub(crate) record: Option<String>,
    /// The name of the alert.
    pub(crate) alert: Option<String>,
    /// Its expression.
    pub(crate) expr: String,
    #[serde(rename = "for")]
    _for: Option<String>,
    /// Labels that the results get.
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    /// The texts of an alert.
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A file with promtool's unit tests.
#[derive(Debug, Deserialize)]
struct UnitTests {
    /// The cases.
    tests: Vec<Case>,
}

/// Input series and the expected results.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "interval")]
    _interval: String,
    /// The input series.
    pub(crate) input_series: Vec<Series>,
    /// Queries and their results.
    #[serde(default)]
    pub(crate) promql_expr_test: Vec<Query>,
    /// Alerts and whether they fire.
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
    /// Its expression.
    pub(crate) expr: String,
    /// The expected samples.
    pub(crate) exp_samples: Vec<IgnoredAny>,
}

/// The expected state of an alert at a time.
#[derive(Debug, Deserialize)]
pub(crate) struct Expectation {
    /// The name of the alert.
    pub(crate) alertname: String,
    /// The expected alerts; empty if it must not fire.
    pub(crate) exp_alerts: Vec<IgnoredAny>,
}

/// The parts of `prometheus.yml` that concern the hub.
#[derive(Debug, Deserialize)]
pub(crate) struct Configuration {
    /// Settings for all jobs.
    pub(crate) global: Global,
    /// The paths of the rule files.
    pub(crate) rule_files: Vec<String>,
    /// The Alertmanagers to notify.
    pub(crate) alerting: Alerting,
    /// The jobs to scrape.
    pub(crate) scrape_configs: Vec<Job>,
}

/// Settings for all jobs.
#[derive(Debug, Deserialize)]
pub(crate) struct Global {
    /// The time between two scrapes.
    pub(crate) scrape_interval: String,
}

/// The Alertmanagers.
#[derive(Debug, Deserialize)]
pub(crate) struct Alerting {
    /// The list of Alertmanagers.
    pub(crate) alertmanagers: Vec<Alertmanager>,
}

/// An Alertmanager.
#[derive(Debug, Deserialize)]
pub(crate) struct Alertmanager {
    /// Its addresses.
    pub(crate) static_configs: Vec<Targets>,
}

/// A scrape job.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    /// The value of the label `job`.
    #[serde(rename = "job_name")]
    pub(crate) name: String,
    /// The path that it scrapes, if it is not `/metrics`.
    pub(crate) metrics_path: Option<String>,
    /// The addresses that it scrapes.
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
    /// Parses rule files. Returns all rules in the order of their files and groups.
    pub(crate) fn parse(texts: &[String]) -> Vec<Rule> {
        let files = texts.iter().map(|text| parse::<Self>(text));
        files
            .flat_map(|file| file.groups)
            .flat_map(|group| group.rules)
            .collect()
    }
}

/// Parses YAML.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> T {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Parses the documents of a YAML file.
pub(crate) fn parse_all<T: DeserializeOwned>(text: &str) -> Vec<T> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Reads `prometheus.yml`.
pub(crate) fn configuration() -> Configuration {
    parse(&read("prometheus.yml"))
}

/// The option that keeps classic histograms, as a comment in `prometheus.yml`.
const CLASSIC: &str = "    # always_scrape_classic_histograms: true\n";

/// Returns a configuration with the option that keeps classic histograms, under this name.
pub(crate) fn with_classic_histograms(configuration: &str, option: &str) -> String {
    assert!(configuration.contains(CLASSIC), "{configuration}");
    configuration.replace(CLASSIC, &format!("    {option}: true\n"))
}

/// Reads the configuration for many hubs.
pub(crate) fn configuration_for_many() -> Configuration {
    parse(&read("many-hubs/prometheus.yml"))
}

/// Reads the rule files, in the order of Prometheus' configuration.
pub(crate) fn rules() -> Vec<String> {
    let names = configuration().rule_files;
    names.iter().map(|name| read(name)).collect()
}

/// Reads one of the runbooks, which are pages of the guide.
pub(crate) fn runbook(page: &str) -> String {
    let guides = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mcp-metrics/docs/guide");
    text(&guides.join(format!("{page}.md")))
}

/// Reads all texts with queries for operators: the guide of the kit and the runbooks.
pub(crate) fn guide() -> String {
    [
        read("README.md"),
        runbook("runbook"),
        runbook("mcp_runbook"),
        runbook("llm_runbook"),
    ]
    .concat()
}

/// Returns the paths of the unit tests.
pub(crate) fn unit_tests() -> Vec<PathBuf> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("monitoring/rules"))
}

/// Reads the cases of all unit tests.
pub(crate) fn cases() -> Vec<Case> {
    let files = unit_tests();
    let parsed = files.iter().map(|file| parse::<UnitTests>(&text(file)));
    parsed.flat_map(|file| file.tests).collect()
}

/// Returns the paths in a folder, sorted by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is part of the repository");
    let mut paths: Vec<_> = entries
        .map(|it| it.expect("the entry can be read").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths
}
