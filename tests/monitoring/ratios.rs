//! The ratios on the dashboard of hubs have a value as soon as one of their counters exists.

use mcp_metrics_tests::dashboard::{Dashboard, HUB};
use serde_json::{Value, json};

use crate::folder::Folder;
use crate::promtool::promtool;

/// The panels, the labels of their results, and the counters that are the part and the rest.
const RATIOS: [(&str, &str, [&str; 2]); 4] = [
    ("Error ratio, all agents", "{}", REQUESTS),
    (
        "Error ratio by operation",
        r#"{agent="a", operation="o"}"#,
        REQUESTS,
    ),
    ("Cache hit ratio, all caches", "{}", LOOKUPS),
    ("Cache hit ratio by cache", r#"{cache_type="c"}"#, LOOKUPS),
];

const REQUESTS: [&str; 2] = [
    r#"mcp_hub_requests_failed_total{job="j", instance="i", agent="a", operation="o", error_type="e"}"#,
    r#"mcp_hub_requests_success_total{job="j", instance="i", agent="a", operation="o"}"#,
];

const LOOKUPS: [&str; 2] = [
    r#"mcp_hub_cache_hits_total{job="j", instance="i", cache_type="c"}"#,
    r#"mcp_hub_cache_misses_total{job="j", instance="i", cache_type="c"}"#,
];

/// Returns a unit test of a query, with counters that increase by one in each interval.
fn unit_test(query: &str, labels: &str, counters: &[&str], expected: Option<f64>) -> Value {
    let series = counters
        .iter()
        .map(|series| json!({"series": series, "values": "0+1x60"}));
    let samples = expected.map(|value| json!({"labels": labels, "value": value}));
    json!({
        "interval": "15s",
        "input_series": series.collect::<Vec<_>>(),
        "promql_expr_test": [{
            "expr": query,
            "eval_time": "10m",
            "exp_samples": samples.into_iter().collect::<Vec<_>>(),
        }],
    })
}

#[test]
fn ratio_with_one_of_its_counters_is_zero_or_one() {
    let dashboard = Dashboard::read(HUB);
    let mut tests = Vec::new();
    for (title, labels, [part, rest]) in RATIOS {
        let panel = dashboard.panels().find(|panel| panel.title == title);
        let target = &panel.expect(title).targets[0];
        let query = dashboard.interpolate(&target.expr, "5m");
        for (counters, expected) in [
            (&[part, rest][..], Some(0.5)),
            (&[part], Some(1.0)),
            (&[rest], Some(0.0)),
            (&[], None),
        ] {
            tests.push(unit_test(&query, labels, counters, expected));
        }
    }
    let folder = Folder::new("ratios");
    let file = folder.join("ratios.test.yml");
    // JSON is YAML.
    let text = json!({"rule_files": [], "tests": tests}).to_string();
    std::fs::write(&file, text).expect("a writable folder");
    promtool(&["test", "rules"], &[file]);
}
