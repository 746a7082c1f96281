//! The rules as objects for Kubernetes, generated from the rule files.

use std::{env, fs, path::Path};

use serde::Deserialize;
use serde_json::Value;

use crate::{kit, kubernetes::Object};

/// The file of the objects.
pub(crate) const FILE: &str = "kubernetes/prometheusrule.yaml";
/// Requests that the file is rewritten.
const BLESS: &str = "MCP_METRICS_BLESS";
/// The head of the file.
const HEAD: &str = "\
# The rules in ../rules, for the Prometheus operator. A test generates this file from them:
#
#     MCP_METRICS_BLESS=1 cargo test -p mcp-metrics-tests --test monitoring rule_object
#
# One object for each file, because the names of groups must be unique in an object.
";

/// Groups of rules, uninterpreted.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Groups {
    groups: Vec<Value>,
}

/// Returns the text of an object: the groups with their comments, indented.
fn object(file: &str) -> String {
    let text = kit::read(file);
    let name = Path::new(file).file_stem().and_then(|it| it.to_str());
    let name = name.expect("the file has a name");
    let (about, groups) = text.split_once("groups:\n").expect("the file has groups");
    let about = about.trim_end().lines().map(|line| format!("    {line}"));
    let groups = groups.lines().map(|line| format!("  {line}"));
    let head = format!(
        "---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: mcp-hub-{name}
  labels:
    app.kubernetes.io/name: mcp-hub
    app.kubernetes.io/component: monitoring
    app.kubernetes.io/part-of: mcp-hub
spec:
  groups:
"
    );
    about
        .chain(groups)
        .fold(head, |all, line| all + line.trim_end() + "\n")
}

#[test]
fn objects_have_the_rules_of_the_files() {
    let files = kit::configuration().rule_files;
    let objects = files.iter().map(|file| object(file));
    let expected = objects.fold(HEAD.to_owned(), |all, object| all + &object);
    if env::var_os(BLESS).is_some() {
        fs::write(kit::folder().join(FILE), &expected).expect("the file can be written");
    }
    let text = kit::read(FILE);
    assert!(
        text == expected,
        "{FILE} differs from the rules; run once with {BLESS}=1 to rewrite it"
    );

    let objects: Vec<Object<Groups>> = kit::parse_all(&text);
    let groups: Vec<_> = objects.into_iter().map(|object| object.spec).collect();
    let rules = kit::rules();
    let rules: Vec<_> = rules.iter().map(|text| kit::parse(text)).collect();
    assert_eq!(groups, rules);
}
