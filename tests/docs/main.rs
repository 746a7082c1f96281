//! The documentation: the section that `#[tracked]` adds to a function's, as rustdoc shows it, the
//! guides, and links between documents.

mod commands;
mod guides;
mod links;
mod markdown;
mod queries;

use std::path::Path;
use std::process::Command;

use queries::forms::Place;

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
        .env_remove("MCP_METRICS_NAMESPACE")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(status.expect("cargo runs").success());
    let page = target.join(format!("doc/documented/fn.{function}.html"));
    std::fs::read_to_string(page)
        .expect("rustdoc writes the page")
        .replace("&quot;", "\"")
}

/// Returns the queries on a page. Each has the form that the guides use.
fn queries_on(page: &str) -> Vec<String> {
    let codes = page.split("<code>").skip(1);
    let codes = codes.filter_map(|rest| Some(rest.split_once("</code>")?.0));
    let queries: Vec<_> = codes
        .filter(|code| code.contains("mcp_hub_"))
        .map(str::to_owned)
        .collect();
    for query in &queries {
        let instances = queries::check(Place::Document, query);
        assert_eq!(instances, Ok(1), "{query}");
    }
    queries
}

#[test]
fn rustdoc_page_has_the_queries_for_the_function_s_metrics() {
    let labels = r#"{agent="web_search", operation="search"}"#;
    let [rate, errors, quantile, active] = &queries_on(&page("search"))[..] else {
        panic!("four queries");
    };
    assert_eq!(
        *rate,
        format!("sum(rate(mcp_hub_requests_total{labels}[5m]))")
    );
    assert!(errors.contains(" / ("), "{errors}");
    assert!(quantile.starts_with("histogram_quantile(0.95, "));
    assert_eq!(
        active,
        r#"sum(mcp_hub_active_operations{agent="web_search"})"#
    );

    let queries = queries_on(&page("speak"));
    assert!(queries[0].contains(r#"{operation="speak"}"#), "{queries:?}");
    assert_eq!(queries[3], "sum by (agent) (mcp_hub_active_operations)");
}
