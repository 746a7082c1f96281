//! The page says when it has lost its server, and finds it again.

use mcp_metrics::{ExporterBuilder, MetricsSummary};

use crate::drive::{Answer, Browser, Look, Site, Staged};

/// The state that the page says it is in.
fn state(browser: &Browser) -> String {
    browser.attribute("#connection", "data-state")
}

#[track_caller]
fn wait_until_lost(browser: &Browser, why: &str) {
    browser.wait("the connection is lost", |page| {
        state(page) == "lost" && page.text("#lost-why").contains(why)
    });
    assert!(browser.sees("#lost"));
    assert_eq!(browser.text("#connection"), "No connection");
    let stale = "return document.documentElement.classList.contains('stale')";
    assert_eq!(browser.run(stale, &[]), true);
}

#[track_caller]
fn wait_until_live(browser: &Browser) {
    browser.wait("the connection is there", |page| state(page) == "live");
    assert!(!browser.sees("#lost"));
    assert_eq!(browser.text("#connection"), "Live");
}

#[test]
fn a_server_that_is_gone_is_missed_and_found_again() {
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
    assert!(browser.text("#lost-since").starts_with("last heard at "));
    assert_eq!(browser.requests()[0].total, Some(7.0), "it is still shown");

    let site = Site::at(address, ExporterBuilder::without_system_metrics);
    site.requests("agent", "run", 3);
    wait_until_live(&browser);
    browser.wait("the new numbers are shown", |page| {
        page.requests()[0].total == Some(3.0)
    });
    // That there was nobody is the browser's own remark; nothing else may be there.
    let others = browser.console().into_iter();
    let mut others = others.filter(|entry| entry.source != "network");
    assert_eq!(others.next(), None);
}

#[test]
fn answers_that_are_none_are_told_apart() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([Answer::Status(503)]);
    browser.open(&server.url());
    wait_until_lost(&browser, "answered with status 503");
    assert!(browser.text("#lost-since").starts_with("nothing received"));
    server.answer([Answer::Text("<html>a proxy's login</html>")]);
    wait_until_lost(&browser, "answered with something else");
    server.answer([Answer::Status(404)]);
    wait_until_lost(&browser, "answered with status 404");
    server.answer([Answer::Text("null")]);
    wait_until_lost(&browser, "answered with something else");
    server.answer([Answer::Silence]);
    wait_until_lost(&browser, "no answer in time");
    server.answer([Answer::Summary(Box::default())]);
    wait_until_live(&browser);
    let default = MetricsSummary::default();
    assert_eq!(browser.number("#uptime"), Some(default.uptime_seconds));
}
