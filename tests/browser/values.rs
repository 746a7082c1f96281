//! The numbers on the page equal those of a scrape.

use std::collections::BTreeMap;

use mcp_metrics::{
    ExecutionStatus, track_cache_access, track_code_execution, track_llm_call, track_request,
    track_retry, track_search_call, tracked,
};

use crate::drive::{Browser, Look, Site};

#[tracked("sleeper", "wake")]
fn never_called() {}

/// Two functions on the same line, with the same labels.
macro_rules! twins {
    ($($name:ident)*) => {
        $(#[tracked("twin", "run")]
        fn $name() {})*
    };
}
twins!(first second);

/// Records something in every family.
fn record_everything(site: &Site) {
    site.requests("searcher", "search", 12);
    site.requests("writer", "write", 1_234);
    site.record(|| {
        for error in ["Timeout", "Timeout", "RateLimited"] {
            track_request("writer", "write").start().failure(error);
        }
        track_request("searcher", "look up")
            .start()
            .failure("Timeout");
        for model in ["gpt-4", "gpt-4", "gpt-5"] {
            track_llm_call("openai", model);
        }
        track_llm_call("local", "extractive");
        track_search_call();
        track_code_execution(ExecutionStatus::Success);
        track_code_execution(ExecutionStatus::Success);
        track_code_execution(ExecutionStatus::Failure);
        for hit in [true, true, true, false] {
            track_cache_access("answers", hit);
        }
        track_cache_access("pages", false);
        for (attempt, exhausted) in [(1, false), (2, false), (3, true), (1, false)] {
            track_retry("llm_api", attempt, exhausted);
        }
    });
}

#[test]
fn page_values_equal_a_scrape() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::with(|builder| builder);
    record_everything(&site);
    let mut in_flight = Vec::new();
    site.record(|| in_flight.push(track_request("writer", "write").start()));
    browser.open(&site.url());
    browser.wait("the page has numbers", |page| {
        page.number("#total") == Some(1_251.0)
    });
    let scrape = site.scrape();

    for row in browser.requests() {
        let requests = scrape.requests(&row.pair.0, &row.pair.1);
        assert_eq!(row.total, Some(requests.total), "{row:?}");
        assert_eq!(row.active, Some(requests.active), "{row:?}");
        let failed: f64 = requests.failed.values().sum();
        assert_eq!(row.errors, Some(failed / (requests.success + failed)));
    }
    let pairs: Vec<_> = browser.requests().into_iter().map(|row| row.pair).collect();
    let expected = [
        ("searcher", "look up"),
        ("searcher", "search"),
        ("writer", "write"),
    ];
    assert_eq!(pairs, expected.map(|(a, o)| (a.to_owned(), o.to_owned())));
    let total = scrape.sum("mcp_hub_requests_total", &[]);
    assert_eq!(browser.number("#total"), Some(total));
    assert_eq!(browser.text("#total"), "1,251");
    assert_eq!(browser.number("#active"), Some(1.0));
    assert_eq!(browser.number("#error-ratio"), Some(4.0 / 1_250.0));
    assert_eq!(browser.text("#error-ratio"), "0.3%");

    let mut errors = BTreeMap::<_, f64>::new();
    for (_, labels, count) in scrape.select("mcp_hub_requests_failed_total", &[]) {
        *errors.entry(labels["error_type"].clone()).or_default() += count;
    }
    let shown = browser.rows("#errors").into_iter();
    let shown = shown.map(|row| (row[0].clone(), row[3].parse().expect("a number")));
    assert_eq!(shown.collect::<BTreeMap<String, f64>>(), errors);

    let texts = |rows: &[&[&str]]| -> Vec<Vec<String>> {
        let row = |row: &&[&str]| row.iter().map(|&text| text.to_owned()).collect();
        rows.iter().map(row).collect()
    };
    assert_eq!(
        browser.rows("#retries"),
        texts(&[&["llm_api", "4", "1: 2 · 2: 1 · 3: 1", "1"]])
    );
    assert_eq!(
        browser.rows("#caches"),
        texts(&[&["answers", "0.75", "3", "1"], &["pages", "0", "0", "1"]])
    );
    let models = browser.rows("#llm").into_iter();
    let models = models.map(|row| [row[0].clone(), row[1].clone(), row[11].clone()].to_vec());
    assert_eq!(
        models.collect::<Vec<_>>(),
        texts(&[
            &["extractive", "local", "1"],
            &["gpt-4", "openai", "2"],
            &["gpt-5", "openai", "1"],
        ])
    );
    let numbers = ["#search-calls", "#code-success", "#code-failure"];
    assert_eq!(
        numbers.map(|number| browser.number(number)),
        [Some(1.0), Some(2.0), Some(1.0)]
    );

    assert_eq!(browser.text("#app-name"), "a hub");
    assert_eq!(browser.text("#app-version bdi"), "1.2.3");
    for (gauge, family) in [
        ("#memory dd", "mcp_hub_memory_usage_percent"),
        ("#disk dd", "mcp_hub_disk_usage_percent"),
    ] {
        // These vary between samples, but only slightly.
        let shown = browser.number(gauge).expect("the value is known");
        assert!((shown - scrape.value(family, &[])).abs() < 20.0, "{gauge}");
    }
    let uptime = browser.number("#uptime").expect("the value is known");
    let scraped = site.scrape().value("mcp_hub_uptime_seconds", &[]);
    assert!(uptime > 0.0 && uptime <= scraped);
    browser.assert_quiet();
}

#[test]
fn page_without_data_shows_empty_texts() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    browser.open(&site.url());
    browser.wait("the page has numbers", |page| {
        page.text("#total-note") == "no requests yet"
    });
    for section in ["#requests", "#errors", "#retries", "#caches", "#llm"] {
        assert!(
            browser.is_visible(&format!("{section} .empty")),
            "{section}"
        );
        assert!(
            !browser.is_visible(&format!("{section} table")),
            "{section}"
        );
    }
    assert_eq!(browser.text("#error-ratio"), "–");
    for gauge in ["#cpu", "#memory", "#disk"] {
        assert_eq!(browser.text(&format!("{gauge} dd")), "unknown");
    }
    browser.assert_quiet();
}

#[test]
fn tracked_functions_are_listed_until_called() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    let _ = [never_called, first, second] as [fn(); 3];
    browser.open(&site.url());
    browser.wait("the function is listed", |page| {
        page.text("#uncalled ul").contains("sleeper wake")
    });
    assert!(browser.text("#uncalled ul").contains("browser::values:"));
    assert!(!browser.text("body").contains(".rs"), "no source files");

    site.requests("sleeper", "wake", 1);
    browser.wait("the function is no longer listed", |page| {
        !page.text("#uncalled ul").contains("sleeper")
    });
    let twins = browser.text("#uncalled ul").matches("twin run").count();
    assert_eq!(twins, 1, "after two updates");
    site.requests("twin", "run", 1);
    browser.wait("all functions were called", |page| {
        page.is_visible("#uncalled .empty")
    });
    assert_eq!(browser.text("#uncalled ul"), "");
    browser.assert_quiet();
}
