//! The section on the export, and what an empty page suggests.

use mcp_metrics::track_llm_call;
use mcp_metrics_tests::http;

use crate::drive::{Answer, Browser, Look, Site, Staged};

/// Waits until a summary is shown.
fn wait(browser: &Browser) {
    browser.wait("the page has numbers", |page| {
        !page.text("#total-note").is_empty()
    });
}

#[test]
fn export_section_shows_scrapes_series_and_overflow() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::with(|builder| builder.without_system_metrics().label_limit(3));
    browser.open(&site.url());
    wait(&browser);
    assert_eq!(browser.text("#export-last"), "never");
    assert_eq!(browser.text("#export-overflow"), "none");
    assert!(!browser.is_visible("#export-families"));

    site.record(|| {
        for model in 0..8 {
            track_llm_call("openai", model.to_string());
        }
    });
    let scrape = site.scrape();
    browser.wait("the scrape is shown", |page| {
        page.text("#export-last").ends_with(" s ago")
    });
    let overflowed = scrape.sum("mcp_metrics_overflowed_total", &[]);
    assert!(overflowed > 0.0);
    browser.wait("the overflow is shown", |page| {
        page.number("#export-overflow") == Some(overflowed)
    });
    let families = browser.text("#export-families");
    assert!(
        families.starts_with("mcp_hub_llm_api_calls_total reached"),
        "{families}"
    );

    // Scrapes themselves have added series since.
    let scrape = site.scrape();
    let samples = format!(" ({} samples)", scrape.samples.len());
    browser.wait("the number of samples is shown", |page| {
        page.text("#export-series").ends_with(&samples)
    });
    let summary = site.exporter.summary().exporter;
    assert_eq!(summary.samples, scrape.samples.len() as u64);
    let of_buckets = scrape.samples.iter();
    let of_buckets =
        of_buckets.filter(|(name, ..)| !name.ends_with("_sum") && !name.ends_with("_count"));
    let finite = of_buckets.filter(|(_, labels, _)| labels.get("le").is_none_or(|le| le == "+Inf"));
    assert_eq!(summary.series, finite.count() as u64);
    browser.assert_quiet();
}

#[test]
fn export_section_links_to_metrics_health_and_documentation() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    browser.open(&site.url());
    wait(&browser);
    let links = "return [...document.querySelectorAll('#export a')].map((link) => link.href)";
    let links: Vec<String> = serde_json::from_value(browser.run(links, &[])).expect("URLs");
    let [metrics, health, documentation] = &links[..] else {
        panic!("three links: {links:?}");
    };
    for (link, path) in [(metrics, "metrics"), (health, "health")] {
        assert_eq!(*link, format!("{}{path}", site.url()));
        assert_eq!(
            http::get(site.address, &format!("/{path}")).status,
            200,
            "{path}"
        );
    }
    assert!(
        documentation.starts_with("https://docs.rs/mcp-metrics/"),
        "{documentation}"
    );
}

#[test]
fn empty_page_suggests_to_call_the_tracked_functions() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    // This test program has tracked functions.
    let site = Site::new();
    browser.open(&site.url());
    wait(&browser);
    assert!(browser.is_visible("#next-call"));
    assert!(!browser.is_visible("#next-track") && !browser.is_visible("#controls"));
    site.requests("agent", "run", 1);
    browser.wait("the request is shown", |page| page.requests().len() == 1);
    assert!(!browser.is_visible("#next-call"));
    assert!(browser.is_visible("#controls"));
    browser.assert_quiet();
}

#[test]
fn empty_page_without_tracked_functions_suggests_to_track_one() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([Answer::Summary(Box::default())]);
    browser.open(&server.url());
    wait(&browser);
    assert!(browser.is_visible("#next-track"));
    assert!(!browser.is_visible("#next-call"));
    assert!(browser.text("#next-track pre").contains("#[tracked("));
    browser.assert_quiet();
}
