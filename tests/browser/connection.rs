//! The page shows a lost connection, and recovers from it.

use mcp_metrics::{ExporterBuilder, MetricsSummary};

use crate::drive::{Answer, Browser, Look, Site, Staged};

/// Returns the connection state that the page shows.
fn state(browser: &Browser) -> String {
    browser.attribute("#connection", "data-state")
}

#[track_caller]
fn wait_until_lost(browser: &Browser, why: &str) {
    browser.wait("the connection is lost", |page| {
        state(page) == "lost" && page.text("#lost-why").contains(why)
    });
    assert!(browser.is_visible("#lost"));
    assert_eq!(browser.text("#connection"), "No connection");
    let stale = "return document.documentElement.classList.contains('stale')";
    assert_eq!(browser.run(stale, &[]), true);
}

#[track_caller]
fn wait_until_live(browser: &Browser) {
    browser.wait("the connection is live", |page| state(page) == "live");
    assert!(!browser.is_visible("#lost"));
    assert_eq!(browser.text("#connection"), "Live");
}

#[test]
fn lost_connection_is_shown_until_the_server_returns() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.requests("agent", "run", 7);
    browser.open(&site.url());
    wait_until_live(&browser);
    browser.assert_quiet();
    let address = site.address;
    drop(site);

    wait_until_lost(&browser, "cannot be reached");
    assert!(browser.text("#lost-since").starts_with("last response at "));
    assert_eq!(
        browser.requests()[0].total,
        Some(7.0),
        "the last values stay visible"
    );

    let site = Site::at(address, ExporterBuilder::without_system_metrics);
    site.requests("agent", "run", 3);
    wait_until_live(&browser);
    browser.wait("the new numbers are shown", |page| {
        page.requests()[0].total == Some(3.0)
    });
    // The browser itself logs the failed connections; there must be no other entries.
    let others = browser.console().into_iter();
    let mut others = others.filter(|entry| entry.source != "network");
    assert_eq!(others.next(), None);
}

#[test]
fn invalid_responses_are_reported_with_their_reason() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([Answer::Status(503)]);
    browser.open(&server.url());
    wait_until_lost(&browser, "answered with status 503");
    assert!(browser.text("#lost-since").starts_with("nothing received"));
    server.answer([Answer::Text("<html>a proxy's login</html>")]);
    wait_until_lost(&browser, "invalid response");
    server.answer([Answer::Status(404)]);
    wait_until_lost(&browser, "answered with status 404");
    server.answer([Answer::Text("null")]);
    wait_until_lost(&browser, "invalid response");
    server.answer([Answer::Silence]);
    wait_until_lost(&browser, "timed out");
    server.answer([Answer::Summary(Box::default())]);
    wait_until_live(&browser);
    let default = MetricsSummary::default();
    assert_eq!(browser.number("#uptime"), Some(default.uptime_seconds));
}
