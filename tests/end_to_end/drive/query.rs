//! Queries of servers with the API of Prometheus.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, process::Command};

use serde_json::Value;

/// Runs an instant query. Returns the values by the value of `label`, "" if a series lacks it.
pub(crate) fn instant(
    promtool: &Path,
    address: SocketAddr,
    label: &str,
    query: &str,
) -> BTreeMap<String, f64> {
    let output = Command::new(promtool)
        .args(["query", "instant", "--format", "json"])
        .arg(format!("http://{address}"))
        .arg(query)
        .output()
        .expect("promtool runs");
    assert!(output.status.success(), "{query}: {output:?}");
    let samples: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let samples = samples.as_array().into_iter().flatten();
    samples
        .map(|sample| {
            let name = sample["metric"][label].as_str().unwrap_or_default();
            let value = sample["value"][1].as_str().expect("a value");
            (name.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}
