//! The queries in the documents, the monitoring kit and the documentation of tracked functions are
//! valid, and each question has one query.

pub(crate) mod forms;
mod llm_forms;
mod shape;
mod sources;
mod style;

use std::fs;
use std::path::Path;
use std::process::Command;

use forms::Place;
use mcp_metrics_tests::tools;
use promql_parser::parser;
use sources::Query;

/// Checks the form and the style of a query. Returns the number of its parts that have a form.
pub(crate) fn check(place: Place, text: &str) -> Result<usize, String> {
    let query = parser::parse(text)?;
    style::check(text, &query)?;
    forms::check(place, &query)
}

#[test]
fn queries_have_the_form_for_their_question() {
    let (mut in_documents, mut in_kit) = (0, 0);
    let mut errors = Vec::new();
    for Query {
        source,
        place,
        text,
        ..
    } in sources::all()
    {
        match (check(place, &text), place) {
            (Ok(instances), Place::Document) => in_documents += instances,
            (Ok(instances), Place::Kit) => in_kit += instances,
            (Err(error), _) => errors.push(format!("{source}: {error}")),
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(in_documents > 30, "only {in_documents} in documents");
    assert!(in_kit > 130, "only {in_kit} in the kit");
}

#[test]
fn pages_of_the_kit_use_its_recorded_series() {
    let queries = sources::all();
    // Rules keep the job, and readers of a page have one.
    let normalized = |text: &str| {
        let query = forms::parse(text).to_string();
        query.replace(" by (job) ", "").replace("(job, ", "(")
    };
    let recorded = queries.iter().filter_map(|rule| {
        let name = rule.recorded_as.as_ref()?;
        Some((normalized(&rule.text), name))
    });
    let recorded: Vec<_> = recorded.collect();
    assert!(recorded.len() > 60, "only {} rules", recorded.len());
    let recorded_as = |text: &str| {
        let text = normalized(text);
        let mut rules = recorded.iter();
        rules.find_map(|(rule, name)| text.contains(rule).then_some(name.as_str()))
    };
    let pages: Vec<_> = queries.iter().filter(|query| query.of_the_kit).collect();
    for Query { source, text, .. } in &pages {
        assert_eq!(recorded_as(text), None, "{source}: `{text}` is recorded");
    }
    assert!(pages.len() > 20, "only {} queries", pages.len());
    assert_eq!(
        recorded_as("topk(5, sum by (provider, model) (rate(mcp_hub_llm_api_calls_total[5m])))"),
        Some("job_provider_model:mcp_hub_llm_api_calls:rate5m")
    );
    assert_eq!(
        recorded_as("60 * sum(rate(mcp_hub_search_api_calls_total[5m]))"),
        Some("job:mcp_hub_search_api_calls:rate5m")
    );
}

#[test]
fn query_of_another_form_is_an_error() {
    let failed = "sum by (agent) (rate(mcp_hub_requests_failed_total[5m]))";
    let success = "sum by (agent) (rate(mcp_hub_requests_success_total[5m]))";
    let ratio = format!("{failed} / ({success} + {failed})");
    for query in [
        failed.to_owned(),
        ratio.clone(),
        format!("topk(5, {failed}) > 0"),
        ratio.replace(" by (agent) ", ""),
        ratio.replace("_total[", "_total{agent=\"a\", operation=~\"b.*\"}["),
        "rate(other_total[1m]) / other_count".to_owned(),
    ] {
        assert!(check(Place::Document, &query).is_ok(), "{query}");
    }
    for query in [
        // Other denominators.
        format!("{failed} / {success}"),
        format!("{failed} / {}", failed.replace("_failed", "")),
        format!(
            "{failed} / {}",
            failed.replace("requests_failed_total", "request_duration_seconds_count")
        ),
        format!("{failed} / ({failed} + {success})"),
        // Different labels, windows and a window of its own.
        format!(
            "{failed} / ({success} + {})",
            failed.replace("agent", "operation")
        ),
        format!("{failed} / ({success} + {})", failed.replace("5m", "1m")),
        failed.replace("5m", "1m"),
        // Rates of sums, averages, series that are not summed, and counters without a rate.
        "rate(sum by (agent) (mcp_hub_requests_total)[5m:])".to_owned(),
        failed.replace("sum", "avg"),
        "rate(mcp_hub_requests_total[5m])".to_owned(),
        "sum(mcp_hub_requests_total)".to_owned(),
        "mcp_hub_active_operations".to_owned(),
        "irate(mcp_hub_requests_total[5m])".to_owned(),
        "sum(rate(mcp_hub_request_duration_seconds_sum[5m])) / \
         sum(rate(mcp_metrics_scrape_duration_seconds_count[5m]))"
            .to_owned(),
        // Other spellings.
        "sum(rate(mcp_hub_requests_failed_total[5m])) by (agent)".to_owned(),
        failed.replace(" (agent) ", "(agent)"),
        failed.replace("by (agent) ", ""),
        failed.replace("_total[", "_total{agent=\"a\",operation=\"b\"}["),
        failed.replace("agent", "agent,operation"),
        // Other orders of labels.
        failed.replace("agent", "operation, agent"),
        failed.replace("agent", "agent, job"),
        "histogram_quantile(0.9, sum by (le, agent) \
         (rate(mcp_hub_request_duration_seconds_bucket[5m])))"
            .to_owned(),
    ] {
        let result = check(Place::Document, &query);
        assert!(result.is_err(), "{query}");
    }
    // A form of the other place.
    assert!(check(Place::Kit, &ratio).is_err());
}

#[test]
fn promtool_accepts_the_queries_in_documents() {
    let Some(promtool) = tools::found("promtool", Path::new("promtool")) else {
        return;
    };
    let check = |queries: &[String]| {
        let rules: Vec<_> = queries
            .iter()
            .enumerate()
            .map(|(index, expr)| serde_json::json!({"record": format!("query:{index}"), "expr": expr}))
            .collect();
        let file = serde_json::json!({"groups": [{"name": "documents", "rules": rules}]});
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("queries-in-documents.yml");
        // JSON is YAML.
        fs::write(&path, file.to_string()).expect("a writable folder");
        let output = Command::new(&promtool)
            .args(["check", "rules"])
            .arg(&path)
            .output();
        let output = output.expect("promtool runs");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), errors)
    };
    let queries = sources::in_documents().into_iter().map(|query| query.text);
    let mut queries: Vec<_> = queries.collect();
    assert!(queries.len() > 40, "only {} queries", queries.len());
    let (accepted, errors) = check(&queries);
    assert!(accepted, "{errors}");
    queries.push("sum by agent (mcp_hub_requests_total)".to_owned());
    assert!(!check(&queries).0);
}
