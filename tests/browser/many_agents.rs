//! The page of a program with 200 agents: paging, filter, groups, and the choice in the URL.

use mcp_metrics::track_request;
use mcp_metrics_tests::mcp;
use serde_json::{Value, json};

use crate::drive::{Browser, Look, Site};

const AGENTS: usize = 200;

/// Returns an exporter with 200 agents, each with three operations. Agents 50 and 150 fail.
fn site() -> Site {
    let site = Site::new();
    for agent in 1..=AGENTS {
        for operation in ["fetch", "search", "write"] {
            site.requests(&format!("agent {agent}"), operation, 1);
        }
    }
    site.record(|| {
        for agent in ["agent 50", "agent 150"] {
            track_request(agent, "search").start().failure("Timeout");
        }
    });
    site
}

/// Opens a page with this query, and waits until the table is shown.
fn open(look: Look, query: &str) -> Option<(Browser, Site)> {
    let browser = Browser::start(look)?;
    let site = site();
    browser.open(&format!("{}{query}", site.url()));
    browser.wait("the table is shown", |page| !page.agents().is_empty());
    Some((browser, site))
}

/// Returns the text on the current page of the table.
fn pager(browser: &Browser) -> String {
    browser.text("#requests-pager [role=status]")
}

/// Returns the parameters in the URL, sorted by name.
fn query(browser: &Browser) -> Vec<(String, String)> {
    let script = "return [...new URLSearchParams(location.search)].sort()";
    serde_json::from_value(browser.run(script, &[])).expect("pairs of texts")
}

/// Enters a text into the filter.
fn filter(browser: &Browser, text: &str) {
    let script = "
        const filter = document.querySelector('#filter');
        filter.value = arguments[0];
        filter.dispatchEvent(new Event('input'));";
    browser.run(script, &[json!(text)]);
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = of.iter();
    pairs.map(|&(a, b)| (a.to_owned(), b.to_owned())).collect()
}

#[test]
fn many_rows_are_shown_in_pages() {
    let Some((browser, _site)) = open(Look::Light, "") else {
        return;
    };
    assert_eq!(browser.requests().len(), 25);
    assert_eq!(pager(&browser), "1–25 of 600 operations");
    assert_eq!(query(&browser), []);
    let disabled = "
        const buttons = document.querySelectorAll('#requests-pager button');
        return [...buttons].map((button) => button.disabled);";
    assert_eq!(browser.run(disabled, &[]), json!([true, false]));
    // Without pages, the table alone would have 600 rows and 33,000 pixels.
    let height = "return document.documentElement.scrollHeight";
    let height = browser.run(height, &[]).as_f64().expect("pixels");
    assert!(height < 4_000.0, "{height} pixels");

    browser.click("#requests-pager button:last-of-type");
    assert_eq!(pager(&browser), "26–50 of 600 operations");
    assert_eq!(query(&browser), pairs(&[("requests", "2")]));
    browser.click("#requests-pager button:first-of-type");
    assert_eq!(query(&browser), []);
    // Another order starts at the first page.
    browser.click("#requests-pager button:last-of-type");
    browser.click("button[data-column=total]");
    assert_eq!(pager(&browser), "1–25 of 600 operations");
    assert_eq!(query(&browser), pairs(&[("sort", "-total")]));
    assert_eq!(browser.agents()[..2], ["agent 50", "agent 150"]);
    browser.assert_quiet();
}

#[test]
fn last_page_has_the_remaining_rows_and_beyond_it_is_the_last_page() {
    let Some((browser, site)) = open(Look::Light, "?rows=100&requests=999&filter=search") else {
        return;
    };
    assert_eq!(pager(&browser), "101–200 of 200 operations");
    filter(&browser, "agent 1");
    assert_eq!(pager(&browser), "1–100 of 333 operations");
    browser.open(&format!("{}?rows=0", site.url()));
    browser.wait("all rows are shown", |page| page.requests().len() == 600);
    assert_eq!(pager(&browser), "1–600 of 600 operations");
    browser.assert_quiet();
}

#[test]
fn filter_finds_agents_and_operations_in_any_case() {
    let Some((browser, _site)) = open(Look::Light, "") else {
        return;
    };
    filter(&browser, "  AGENT 150 s ");
    let rows = browser.requests();
    let found: Vec<_> = rows.iter().map(|row| row.pair.clone()).collect();
    assert_eq!(found, pairs(&[("agent 150", "search")]));
    assert!(!browser.is_visible("#requests-pager"));
    filter(&browser, "<b>.*");
    assert_eq!(browser.requests(), []);
    let none = "No agent or operation contains “<b>.*”";
    assert_eq!(browser.text("#requests-none"), none);
    assert!(!browser.is_visible("#next-track") && !browser.is_visible("#next-call"));
    browser.click("#requests-clear");
    assert_eq!(pager(&browser), "1–25 of 600 operations");
    assert_eq!(query(&browser), []);
    browser.assert_quiet();
}

#[test]
fn groups_sum_the_operations_and_show_them_on_demand() {
    let Some((browser, site)) = open(Look::Light, "") else {
        return;
    };
    browser.click("#group");
    assert_eq!(pager(&browser), "1–25 of 200 agents");
    filter(&browser, "agent 150");
    let rows = browser.requests();
    let [row] = &rows[..] else {
        panic!("one agent: {rows:?}");
    };
    assert_eq!(row.pair, ("agent 150".into(), "3 operations".into()));
    assert_eq!((row.total, row.errors), (Some(4.0), Some(0.25)));

    let expanded = |page: &Browser| page.attribute(".fold", "aria-expanded");
    assert_eq!(expanded(&browser), "false");
    browser.click(".fold");
    assert_eq!(expanded(&browser), "true");
    let operations: Vec<_> = browser
        .requests()
        .into_iter()
        .map(|row| row.pair.1)
        .collect();
    assert_eq!(operations, ["3 operations", "fetch", "search", "write"]);
    assert_eq!(
        query(&browser),
        pairs(&[
            ("filter", "agent 150"),
            ("group", "1"),
            ("open", "agent 150")
        ])
    );
    // New counts arrive in the group and in its operation.
    site.requests("agent 150", "fetch", 5);
    browser.wait("the sum is updated", |page| {
        let totals = page.requests().into_iter().map(|row| row.total);
        totals.eq([Some(9.0), Some(6.0), Some(2.0), Some(1.0)])
    });
    browser.click(".fold");
    assert_eq!(browser.requests().len(), 1);
    browser.assert_quiet();
}

#[test]
fn many_tools_are_shown_in_pages_of_their_own() {
    let Some((browser, site)) = open(Look::Light, "?tools=2") else {
        return;
    };
    site.record(|| {
        for tool in 1..=30 {
            mcp::tool_call(&format!("tool {tool}"), None, 0.1);
        }
        mcp::tool_call("tool 29", Some("tool_error"), 0.1);
    });
    let tools = |page: &Browser| {
        let rows = page.rows("#mcp-tools").into_iter();
        rows.map(|row| row[0].clone()).collect::<Vec<_>>()
    };
    let last = ["tool 26", "tool 27", "tool 28", "tool 29", "tool 30"];
    browser.wait("the second page is shown", |page| tools(page) == last);
    browser.click("#tools-pager button:first-of-type");
    assert_eq!(tools(&browser).len(), 25);
    assert_eq!(query(&browser), []);
    assert_eq!(
        browser.text("#tools-pager [role=status]"),
        "1–25 of 30 tools"
    );
    assert_eq!(pager(&browser), "1–25 of 600 operations");
    browser.click("#failures");
    assert_eq!(tools(&browser)[..2], ["tool 29", "tool 1"]);
    browser.assert_quiet();
}

#[test]
fn failures_are_first_whatever_the_order() {
    let Some((browser, _site)) = open(Look::Light, "") else {
        return;
    };
    browser.click("#failures");
    let first = |page: &Browser| page.agents()[..3].to_vec();
    assert_eq!(first(&browser), ["agent 50", "agent 150", "agent 1"]);
    browser.click("button[data-column=agent]");
    assert_eq!(first(&browser), ["agent 150", "agent 50", "agent 200"]);
    browser.click("#group");
    assert_eq!(first(&browser), ["agent 150", "agent 50", "agent 200"]);
    browser.assert_quiet();
}

#[test]
fn reload_shows_the_same_rows() {
    let start = "?token=kept&filter=agent+1&group=1&failures=1&sort=-agent&rows=10&requests=2\
                 &open=agent+188";
    let Some((browser, site)) = open(Look::Light, start) else {
        return;
    };
    let shown = |page: &Browser| {
        let rows = page.requests().into_iter();
        (rows.map(|row| row.pair).collect::<Vec<_>>(), pager(page))
    };
    let before = shown(&browser);
    assert_eq!(before.1, "11–20 of 111 agents");
    assert_eq!(before.0.len(), 13);
    let checked = "return [filter.value, group.checked, failures.checked]";
    assert_eq!(browser.run(checked, &[]), json!(["agent 1", true, true]));
    // A change keeps the rest of the URL, so that it can be reloaded or copied.
    browser.click("#requests-pager button:last-of-type");
    browser.click("#requests-pager button:first-of-type");
    let url = browser.run("return location.href", &[]);
    assert!(
        query(&browser).contains(&("token".into(), "kept".into())),
        "{url}"
    );
    browser.open("about:blank");
    browser.open(url.as_str().expect("a URL"));
    browser.wait("the same rows are shown", |page| shown(page) == before);
    drop(site);
    browser.console();
}

#[test]
fn invalid_parameters_have_no_effect() {
    let query = "?sort=constructor&rows=7&requests=-1&tools=x&group=yes&failures=&open=gone\
                 &rows=0x19&filter=";
    let Some((browser, _site)) = open(Look::Light, query) else {
        return;
    };
    assert_eq!(pager(&browser), "1–25 of 600 operations");
    assert_eq!(
        browser.agents()[..4],
        ["agent 1", "agent 1", "agent 1", "agent 2"]
    );
    let sorted = "return document.querySelector('[aria-sort=ascending] button').dataset.column";
    assert_eq!(browser.run(sorted, &[]), "agent");
    browser.assert_quiet();
}

#[test]
fn phone_shows_ten_rows_and_does_not_overflow() {
    let Some((browser, _site)) = open(Look::Phone, "?group=1&open=agent+1") else {
        return;
    };
    assert_eq!(browser.requests().len(), 13);
    let width = "return [innerWidth, document.documentElement.scrollWidth]";
    assert_eq!(browser.run(width, &[]), json!([360, 360]));
    let height = browser.run("return document.documentElement.scrollHeight", &[]);
    assert!(height.as_f64() < Some(7_000.0), "{height} pixels");
    let small: Value = browser.run(
        "return [...document.querySelectorAll('#controls label, #requests-pager :is(button, select)')]
            .filter((node) => node.getBoundingClientRect().height < 24)
            .map((node) => node.outerHTML.slice(0, 80));",
        &[],
    );
    assert_eq!(small, json!([]), "controls must be large enough to touch");
    browser.assert_quiet();
}
