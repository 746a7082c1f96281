//! The raw text on the page is the endpoint's.

use fantoccini::key::Key;
use mcp_metrics_tests::http;
use serde_json::json;

use crate::drive::{Browser, Look, Site};

/// The lines that neither time nor a scrape moves.
fn settled(text: &str) -> Vec<&str> {
    let moving = ["mcp_hub_uptime_seconds ", "mcp_metrics_scrape"];
    let lines = text.lines();
    lines
        .filter(|line| !moving.iter().any(|moving| line.contains(moving)))
        .collect()
}

#[test]
fn the_raw_text_is_shown_and_copied() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.requests("agent <b>", "run", 7);
    browser.open(&site.url());
    let served = http::get(site.address, "/metrics").body;

    assert!(!browser.sees("#raw-text"));
    browser.click("#raw-show");
    browser.wait("the text is shown", |page| page.sees("#raw-text"));
    assert_eq!(settled(&browser.text("#raw-text")), settled(&served));
    assert_eq!(browser.attribute("#raw-show", "aria-expanded"), "true");
    browser.click("#raw-show");
    assert!(!browser.sees("#raw-text"));
    assert_eq!(browser.attribute("#raw-show", "aria-expanded"), "false");

    browser.click("#raw-copy");
    browser.wait("the text is copied", |page| {
        page.text("#raw-state").starts_with("Copied")
    });
    browser.run(
        "const area = document.createElement('textarea');
         area.id = 'paste';
         document.body.append(area);
         area.focus();",
        &[],
    );
    browser.press(&(Key::Control + "v"));
    let pasted = browser.run("return document.querySelector('#paste').value", &[]);
    let pasted = pasted.as_str().expect("a text");
    assert_eq!(settled(pasted), settled(&served));
    browser.assert_quiet();
}

#[test]
fn the_raw_text_is_copied_where_the_clipboard_is_closed_to_scripts() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    browser.open(&site.url());
    // As on a page that came from another machine without TLS.
    browser.run(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined });
         document.addEventListener('copy', () => {
             window.copied = document.activeElement.value;
         });",
        &[],
    );
    browser.click("#raw-copy");
    browser.wait("the text is copied", |page| {
        page.text("#raw-state").starts_with("Copied")
    });
    let copied = browser.run("return window.copied", &[]);
    let served = http::get(site.address, "/metrics").body;
    assert_eq!(settled(copied.as_str().expect("a text")), settled(&served));
    let focused = browser.run("return document.activeElement.id", &[]);
    assert_eq!(focused, json!("raw-copy"));

    // Where that way is closed too, the reader has it easy at least.
    browser.run("document.execCommand = () => false", &[]);
    browser.click("#raw-copy");
    browser.wait("the text is selected", |page| {
        page.text("#raw-state").contains("copy it by hand")
    });
    let selected = browser.run("return getSelection().toString()", &[]);
    assert_eq!(
        settled(selected.as_str().expect("a text")),
        settled(&served)
    );
    browser.assert_quiet();
}
