//! Sorting the table of requests, with the mouse and with the keyboard.

use fantoccini::key::Key;
use mcp_metrics::track_request;

use crate::drive::{Browser, Look, Site};

/// Returns the sorted column and its direction.
fn sorted(browser: &Browser) -> Vec<(String, String)> {
    let script = "
        const heads = document.querySelectorAll('#requests-table th[aria-sort]');
        return [...heads]
            .filter((head) => head.ariaSort !== 'none')
            .map((head) => [head.querySelector('button').dataset.column, head.ariaSort]);";
    serde_json::from_value(browser.run(script, &[])).expect("pairs")
}

#[track_caller]
fn assert_order(browser: &Browser, column: &str, direction: &str, agents: [&str; 3]) {
    assert_eq!(sorted(browser), [(column.into(), direction.into())]);
    assert_eq!(browser.agents(), agents);
}

/// Opens a page with three agents: one has failures, and two have numbers in their names.
fn open() -> Option<(Browser, Site)> {
    let browser = Browser::start(Look::Light)?;
    let site = Site::new();
    site.requests("agent 10", "run", 30);
    site.requests("agent 9", "run", 4);
    site.requests("other", "run", 20);
    site.record(|| track_request("other", "run").start().failure("Timeout"));
    browser.open(&site.url());
    browser.wait("all agents are shown", |page| page.requests().len() == 3);
    Some((browser, site))
}

#[test]
fn click_sorts_and_second_click_reverses_the_order() {
    let Some((browser, site)) = open() else {
        return;
    };
    assert_order(
        &browser,
        "agent",
        "ascending",
        ["agent 9", "agent 10", "other"],
    );
    browser.click("button[data-column=total]");
    let by_total = ["agent 10", "other", "agent 9"];
    assert_order(&browser, "total", "descending", by_total);
    browser.click("button[data-column=total]");
    assert_order(
        &browser,
        "total",
        "ascending",
        ["agent 9", "other", "agent 10"],
    );
    browser.click("button[data-column=errors]");
    // Rows with equal values are sorted by name.
    let by_errors = ["other", "agent 9", "agent 10"];
    assert_order(&browser, "errors", "descending", by_errors);

    // Later updates keep the order.
    site.requests("agent 9", "run", 50);
    browser.click("button[data-column=total]");
    browser.wait("the busiest agent is first", |page| {
        page.agents() == ["agent 9", "agent 10", "other"]
    });
    browser.assert_quiet();
}

#[test]
fn keyboard_sorts_and_keeps_the_focus() {
    let Some((browser, site)) = open() else {
        return;
    };
    // Starts at the skip link, before the table.
    browser.run("document.querySelector('.skip').focus()", &[]);
    let column = |page: &Browser| {
        let script = "return document.activeElement.dataset.column ?? ''";
        page.run(script, &[]).as_str().map(str::to_owned)
    };
    let tab = Key::Tab.to_string();
    let id = "return document.activeElement.id";
    for control in ["filter", "group", "failures"] {
        browser.press(&tab);
        assert_eq!(browser.run(id, &[]), control);
    }
    browser.press(&tab);
    assert_eq!(column(&browser).as_deref(), Some("agent"));
    browser.press(&tab);
    browser.press(&tab);
    assert_eq!(column(&browser).as_deref(), Some("rate"));
    for _ in 0..6 {
        browser.press(&tab);
    }
    assert_eq!(column(&browser).as_deref(), Some("total"));
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.run(outline, &[]), "solid", "the focus is visible");

    browser.press(&Key::Enter.to_string());
    let by_total = ["agent 10", "other", "agent 9"];
    assert_order(&browser, "total", "descending", by_total);
    browser.press(" ");
    let reversed = ["agent 9", "other", "agent 10"];
    assert_order(&browser, "total", "ascending", reversed);

    site.requests("other", "run", 1);
    browser.wait("the table is updated", |page| {
        page.requests()[1].total == Some(22.0)
    });
    assert_eq!(column(&browser).as_deref(), Some("total"));
    browser.assert_quiet();
}
