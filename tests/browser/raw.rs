//! The metrics text on the page equals the endpoint's.

use fantoccini::key::Key;
use mcp_metrics_tests::http;
use serde_json::json;

use crate::drive::{Browser, Look, Site};

/// Returns the lines that change neither with time nor with scrapes.
fn stable(text: &str) -> Vec<&str> {
    let changing = ["mcp_hub_uptime_seconds ", "mcp_metrics_scrape"];
    let lines = text.lines();
    lines
        .filter(|line| !changing.iter().any(|changing| line.contains(changing)))
        .collect()
}

#[test]
fn raw_text_is_shown_and_copied() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.requests("agent <b>", "run", 7);
    browser.open(&site.url());
    let served = http::get(site.address, "/metrics").body;

    assert!(!browser.is_visible("#raw-text"));
    browser.click("#raw-show");
    browser.wait("the text is shown", |page| page.is_visible("#raw-text"));
    assert_eq!(stable(&browser.text("#raw-text")), stable(&served));
    assert_eq!(browser.attribute("#raw-show", "aria-expanded"), "true");
    browser.click("#raw-show");
    assert!(!browser.is_visible("#raw-text"));
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
    assert_eq!(stable(pasted), stable(&served));
    browser.assert_quiet();
}

#[test]
fn raw_text_is_copied_without_the_clipboard_api() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    browser.open(&site.url());
    // As on a page from a remote host without TLS.
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
    assert_eq!(stable(copied.as_str().expect("a text")), stable(&served));
    let focused = browser.run("return document.activeElement.id", &[]);
    assert_eq!(focused, json!("raw-copy"));

    // If that fails too, the text is selected for copying by hand.
    browser.run("document.execCommand = () => false", &[]);
    browser.click("#raw-copy");
    browser.wait("the text is selected", |page| {
        page.text("#raw-state").contains("copy it by hand")
    });
    let selected = browser.run("return getSelection().toString()", &[]);
    assert_eq!(stable(selected.as_str().expect("a text")), stable(&served));
    browser.assert_quiet();
}
