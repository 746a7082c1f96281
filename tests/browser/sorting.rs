//! The table can be put in another order, with a mouse and without.

use fantoccini::key::Key;
use mcp_metrics::track_request;

use crate::drive::{Browser, Look, Site};

/// Which column is sorted by, and how.
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

/// Two agents of which one has failures, and a third with a number in its name.
fn open() -> Option<(Browser, Site)> {
    let browser = Browser::start(Look::Light)?;
    let site = Site::new();
    site.requests("agent 10", "run", 30);
    site.requests("agent 9", "run", 4);
    site.requests("other", "run", 20);
    site.record(|| track_request("other", "run").start().failure("Timeout"));
    browser.open(&site.url());
    browser.wait("all agents are there", |page| page.requests().len() == 3);
    Some((browser, site))
}

#[test]
fn a_click_sorts_and_another_one_turns_the_order() {
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
    // Equal rows are in the order of their names.
    let by_errors = ["other", "agent 9", "agent 10"];
    assert_order(&browser, "errors", "descending", by_errors);

    // What arrives later finds its place.
    site.requests("agent 9", "run", 50);
    browser.click("button[data-column=total]");
    browser.wait("the busiest agent is first", |page| {
        page.agents() == ["agent 9", "agent 10", "other"]
    });
    browser.assert_quiet();
}

#[test]
fn the_keyboard_sorts_too_and_keeps_its_place() {
    let Some((browser, site)) = open() else {
        return;
    };
    // Past the link to the table.
    browser.run("document.querySelector('.skip').focus()", &[]);
    let column = |page: &Browser| {
        let script = "return document.activeElement.dataset.column ?? ''";
        page.run(script, &[]).as_str().map(str::to_owned)
    };
    let tab = Key::Tab.to_string();
    browser.press(&tab);
    assert_eq!(column(&browser).as_deref(), Some("agent"));
    browser.press(&tab);
    browser.press(&tab);
    assert_eq!(column(&browser).as_deref(), Some("rate"));
    for _ in 0..5 {
        browser.press(&tab);
    }
    assert_eq!(column(&browser).as_deref(), Some("total"));
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.run(outline, &[]), "solid", "the focus is seen");

    browser.press(&Key::Enter.to_string());
    let by_total = ["agent 10", "other", "agent 9"];
    assert_order(&browser, "total", "descending", by_total);
    browser.press(" ");
    let turned = ["agent 9", "other", "agent 10"];
    assert_order(&browser, "total", "ascending", turned);

    site.requests("other", "run", 1);
    browser.wait("the table is renewed", |page| {
        page.requests()[1].total == Some(22.0)
    });
    assert_eq!(column(&browser).as_deref(), Some("total"));
    browser.assert_quiet();
}
