//! The card of the MCP server.

use mcp_metrics::{McpServerSummary, McpToolSummary, MetricsSummary};
use mcp_metrics_tests::mcp;

use crate::drive::{Answer, Browser, Look, Site, Staged};

/// Returns rows of texts, to compare with those of a table.
fn texts(rows: &[&[&str]]) -> Vec<Vec<String>> {
    let row = |row: &&[&str]| row.iter().map(|&text| text.to_owned()).collect();
    rows.iter().map(row).collect()
}

#[test]
fn card_values_equal_a_scrape() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.record(|| {
        for _ in 0..30 {
            mcp::tool_call("search", None, 0.3);
        }
        for error_type in ["tool_error", "tool_error", "-32603"] {
            mcp::tool_call("search", Some(error_type), 400.0);
        }
        mcp::tool_call("fetch 10", None, 0.015);
        mcp::tool_call("fetch 9", None, 0.015);
        mcp::operation(&[("mcp_method_name", "tools/list")], 0.01);
        mcp::unknown_tool_call();
        mcp::unknown_tool_call();
        for method in ["tools/call", "tools/call", "prompts/get"] {
            mcp::request(method);
        }
        mcp::session("editor", "1.0", "2025-06-18");
        mcp::session("editor", "1.0", "2025-06-18");
        mcp::session("terminal", "2.1", "2025-11-25");
    });
    browser.open(&site.url());
    browser.wait("the card is shown", |page| page.is_visible("#mcp"));
    let rows = browser.rows("#mcp-tools");
    let names: Vec<_> = rows.iter().map(|row| &*row[0]).collect();
    assert_eq!(names, ["fetch 9", "fetch 10", "search"]);

    let search: Vec<&str> = rows[2].iter().map(|cell| &**cell).collect();
    let [_, _, _, errors, mean, median, slow, calls] = search[..] else {
        panic!("expected eight cells: {search:?}");
    };
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let scrape = site.scrape();
    let tool = [("gen_ai_tool_name", "search")];
    let family = "mcp_server_operation_duration_seconds_count";
    assert_eq!(number(calls), scrape.sum(family, &tool));
    assert_eq!(number(errors), 3.0 / 33.0);
    assert!(
        (number(mean) - (30.0 * 0.3 + 3.0 * 400.0) / 33.0).abs() < 1e-9,
        "{mean}"
    );
    let row = "#mcp-tools tbody tr:last-child";
    assert_eq!(
        browser.attribute(&format!("{row} [data-column=errors]"), "title"),
        "3 of 33; since the start -32603: 1, tool_error: 2"
    );
    // The 17th of 30 calls between 0.2 and 0.5 seconds, and the last finite bound.
    assert!(
        (number(median) - (0.2 + 0.3 * 16.5 / 30.0)).abs() < 1e-9,
        "{median}"
    );
    assert_eq!(number(slow), 300.0);
    assert_eq!(browser.text(&format!("{row} [data-column=p95]")), "> 300 s");

    assert_eq!(
        browser.rows("#mcp-active"),
        texts(&[&["prompts/get", "1"], &["tools/call", "2"]])
    );
    assert_eq!(
        browser.rows("#mcp-clients"),
        texts(&[
            &["editor", "1.0", "2025-06-18", "2"],
            &["terminal", "2.1", "2025-11-25", "1"],
        ])
    );
    assert_eq!(browser.number("#mcp-open"), Some(3.0));
    assert_eq!(browser.number("#mcp-unknown"), Some(2.0));
    assert!(
        browser
            .text("#mcp-note")
            .starts_with("Errors and durations")
    );

    site.record(|| {
        for _ in 0..50 {
            mcp::tool_call("fetch 9", None, 0.015);
        }
    });
    browser.wait("the rate is shown", |page| {
        let rate = &page.rows("#mcp-tools")[0][1];
        rate.parse().is_ok_and(|rate: f64| rate > 1.0)
    });
    assert_eq!(
        browser.number("#rate"),
        Some(0.0),
        "not requests of the hub"
    );
    browser.assert_quiet();
}

#[test]
fn card_is_hidden_without_an_mcp_server() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.requests("agent", "run", 1);
    browser.open(&site.url());
    browser.wait("the page has numbers", |page| page.requests().len() == 1);
    assert!(!browser.is_visible("#mcp"));

    site.record(|| mcp::session("editor", "1.0", "2025-11-25"));
    browser.wait("the card is shown", |page| page.is_visible("#mcp"));
    for list in ["#mcp-tools", "#mcp-active"] {
        assert!(browser.is_visible(&format!("{list} .empty")), "{list}");
        assert!(!browser.is_visible(&format!("{list} table")), "{list}");
    }
    assert_eq!(browser.rows("#mcp-clients").len(), 1);
    browser.assert_quiet();
}

/// Returns a summary of a server whose one tool was called this often.
fn summary(uptime: f64, calls: u64, failed: u64) -> Answer {
    let mut tool = McpToolSummary::default();
    tool.tool = "search".into();
    tool.calls = calls;
    tool.failed.insert("tool_error".into(), failed);
    tool.buckets = vec![(1.0, calls), (2.0, calls)];
    let mut server = McpServerSummary::default();
    server.tools = vec![tool];
    let mut summary = MetricsSummary::default();
    summary.uptime_seconds = uptime;
    summary.mcp_server = Some(server);
    Answer::Summary(Box::new(summary))
}

#[test]
fn errors_of_tools_are_those_between_two_summaries() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([summary(1_000.0, 10, 10)]);
    browser.open(&server.url());
    let shown = |page: &Browser| {
        let row = page.rows("#mcp-tools").into_iter().next();
        let row = row.unwrap_or_default();
        let cell = |at: usize| row.get(at).and_then(|cell| cell.parse().ok());
        (cell(1), cell(3), cell(7))
    };
    browser.wait("the first summary is shown", |page| {
        shown(page) == (None, Some(1.0), Some(10.0))
    });
    server.answer([summary(1_004.0, 20, 15)]);
    browser.wait("the second summary is shown", |page| {
        shown(page) == (Some(2.5), Some(0.5), Some(20.0))
    });
    browser.assert_quiet();
}
