//! Labels are untrusted: the page shows them as text only.

use mcp_metrics::{LlmCall, track_cache_access, track_request, track_retry};
use mcp_metrics_tests::mcp;
use serde_json::json;

use crate::drive::{Browser, Look, Site};

const LABELS: [&str; 9] = [
    "<script>window.ran = true</script>",
    "<img src=x onerror=\"window.ran = true\">",
    "'\"><svg onload='window.ran = true'>",
    "two\nlines\tand \\n",
    "👩‍🚀 émoji",
    "\u{202e}backwards\u{202d}",
    "{{constructor.constructor('window.ran = true')()}} ${window.ran = true} __proto__",
    "__proto__",
    "constructor",
];

#[test]
fn hostile_labels_are_shown_as_text() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::with(|builder| builder.app(LABELS[0], LABELS[1]));
    site.record(|| {
        for label in LABELS {
            track_request(label, label).start().failure(label);
            track_cache_access(label, true);
            LlmCall::start(label, label).failure(label);
            track_retry(label, 1, true);
            mcp::tool_call(label, Some(label), 0.1);
            mcp::request(label);
            mcp::session(label, label, label);
        }
    });
    browser.open(&site.url());
    browser.wait("all labels are shown", |page| {
        page.requests().len() == LABELS.len()
    });

    // Rates need a second summary, which also updates the rows.
    browser.wait("rates are shown", |page| page.number("#rate").is_some());

    let sorted = |mut labels: Vec<String>| {
        labels.sort_unstable();
        labels
    };
    let expected = sorted(LABELS.map(str::to_owned).to_vec());
    for section in [
        "#requests",
        "#errors",
        "#retries",
        "#caches",
        "#llm",
        "#mcp-tools",
        "#mcp-active",
        "#mcp-clients",
    ] {
        let first = |row: Vec<String>| row.into_iter().next().expect("a label");
        let labels = browser.rows(section).into_iter().map(first);
        assert_eq!(sorted(labels.collect()), expected, "{section}");
    }
    assert_eq!(browser.text("#app-name"), LABELS[0]);
    assert_eq!(browser.text("#app-version bdi"), LABELS[1]);

    for row in browser.requests() {
        let numbers = [row.total, row.active, row.errors];
        assert_eq!(numbers, [Some(1.0), Some(0.0), Some(1.0)], "{row:?}");
    }
    for row in browser.rows("#errors") {
        assert_eq!(row[2..], ["0", "1"], "{row:?}");
    }

    let found = "return document.querySelectorAll('main script, img, [onload], [onerror]').length";
    assert_eq!(browser.run(found, &[]), json!(0));
    assert_eq!(browser.run("return window.ran ?? false", &[]), json!(false));
    browser.assert_quiet();
}

#[test]
fn injected_scripts_are_blocked_by_the_policy() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    browser.open(&site.url());
    browser.assert_quiet();
    let inject = "
        const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.body.append(script);
        const area = document.createElement('div');
        area.innerHTML = '<b onclick=\"window.ran = true\" style=\"color: red\">text</b>';
        document.body.append(area);
        area.firstChild.click();
        return window.ran ?? false;";
    assert_eq!(browser.run(inject, &[]), json!(false));
    let entries = browser.console();
    assert!(
        entries.len() >= 3 && entries.iter().all(|entry| entry.source == "security"),
        "{entries:?}"
    );
}
