//! The documentation: the section that `#[tracked]` adds to a function's, as rustdoc shows it, the
//! guides, and links between documents.

mod commands;
mod guides;
mod links;
mod markdown;

use std::path::Path;
use std::process::Command;

use mcp_metrics::catalog;

/// Returns the rustdoc page of a function in `documented.rs`.
fn page(function: &str) -> String {
    // The target folder of the tests, where the dependencies are probably already checked.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("the folder has a parent");
    let status = Command::new(env!("CARGO"))
        .args([
            "rustdoc",
            "--quiet",
            "--package",
            "mcp-metrics-tests",
            "--example",
            "documented",
        ])
        .arg("--target-dir")
        .arg(target)
        .env_remove("PROMETHEUS_URL")
        .env_remove("MCP_METRICS_DOCS")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(status.expect("cargo runs").success());
    let page = target.join(format!("doc/documented/fn.{function}.html"));
    std::fs::read_to_string(page)
        .expect("rustdoc writes the page")
        .replace("&quot;", "\"")
}

#[test]
fn rustdoc_page_has_the_queries_for_the_function_s_metrics() {
    let search = page("search");
    let labels = r#"{agent="web_search",operation="search"}"#;
    for query in [
        format!("sum(rate(mcp_hub_requests_total{labels}[5m]))"),
        format!("sum(rate(mcp_hub_requests_failed_total{labels}[5m])) / "),
        format!("(rate(mcp_hub_request_duration_seconds_bucket{labels}[5m])))"),
        r#"sum(mcp_hub_active_operations{agent="web_search"})"#.to_owned(),
    ] {
        assert!(search.contains(&query), "missing: {query}");
    }
    assert!(page("speak").contains(r#"{operation="speak"}"#));

    let names: Vec<_> = search
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("mcp_hub_"))
        .map(|word| word.trim_end_matches("_bucket"))
        .collect();
    assert!(names.len() >= 5);
    for name in names {
        assert!(
            catalog::family(name).is_some(),
            "{name} is not in the catalogue"
        );
    }
}
