//! What the page makes of two summaries: rates, quantiles, charts.

use mcp_metrics::{MetricsSummary, RequestSummary};

use crate::drive::{Answer, Browser, Look, Site, Staged};

/// A request with these cumulative counts below 1, 2 and 4 seconds, and all of them.
fn request(failed: u64, counts: [u64; 4]) -> RequestSummary {
    let [bounded @ .., all] = counts;
    let mut request = RequestSummary::default();
    request.agent = "staged".into();
    request.operation = "run".into();
    request.total = all;
    request.success = all - failed;
    request.failed.insert("Timeout".into(), failed);
    request.buckets = [1.0, 2.0, 4.0].into_iter().zip(bounded).collect();
    request.count = all;
    request
}

fn summary(uptime: f64, request: RequestSummary) -> Answer {
    let mut summary = MetricsSummary::default();
    summary.app_name = "staged".into();
    summary.uptime_seconds = uptime;
    summary.requests = vec![request];
    Answer::Summary(Box::new(summary))
}

/// Waits until a summary with this uptime was shown.
fn wait_for(browser: &Browser, uptime: f64) {
    browser.wait("the next summary is shown", |page| {
        page.number("#uptime") == Some(uptime)
    });
}

#[test]
fn rates_go_by_the_server_s_own_clock() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([summary(1_000.0, request(0, [10; 4]))]);
    browser.open(&server.url());
    wait_for(&browser, 1_000.0);
    let row = &browser.requests()[0];
    assert_eq!((row.rate, row.total), (None, Some(10.0)), "one moment only");
    assert_eq!(browser.text("#rate"), "–");

    server.answer([summary(1_004.0, request(0, [20; 4]))]);
    wait_for(&browser, 1_004.0);
    assert_eq!(browser.requests()[0].rate, Some(2.5));
    assert_eq!(browser.number("#rate"), Some(2.5));
    browser.assert_quiet();
}

#[test]
fn a_restart_is_no_step_back() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([summary(5.0, request(5, [10; 4]))]);
    browser.open(&server.url());
    wait_for(&browser, 5.0);
    server.answer([summary(7.0, request(5, [20; 4]))]);
    wait_for(&browser, 7.0);

    server.answer([summary(1.0, request(0, [4; 4]))]);
    wait_for(&browser, 1.0);
    let row = &browser.requests()[0];
    assert_eq!((row.rate, row.errors), (None, Some(0.0)));
    server.answer([summary(3.0, request(1, [8; 4]))]);
    wait_for(&browser, 3.0);
    let row = &browser.requests()[0];
    assert_eq!((row.rate, row.errors), (Some(2.0), Some(0.25)));
    browser.assert_quiet();
}

#[test]
fn a_series_that_comes_back_counts_from_zero() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([summary(50.0, request(0, [10; 4]))]);
    browser.open(&server.url());
    wait_for(&browser, 50.0);
    server.answer([summary(52.0, request(0, [6; 4]))]);
    wait_for(&browser, 52.0);
    assert_eq!(browser.requests()[0].rate, Some(3.0));
    browser.assert_quiet();
}

#[test]
fn quantiles_are_prometheus_own() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    // The 10th of 20 is halfway through the second bucket, the 19th 4/5 through the third.
    let server = Staged::new([summary(10.0, request(2, [5, 15, 20, 20]))]);
    browser.open(&server.url());
    wait_for(&browser, 10.0);
    let row = &browser.requests()[0];
    assert_eq!(
        (row.p50, row.p95, row.errors),
        (Some(1.5), Some(3.6), Some(0.1))
    );
    assert_eq!(browser.text("td[data-column=p50]"), "1.5 s");

    // Of what has happened since, two in four are in the first bucket and two above the last.
    server.answer([summary(12.0, request(4, [7, 17, 22, 24]))]);
    wait_for(&browser, 12.0);
    let row = &browser.requests()[0];
    assert_eq!(
        (row.p50, row.p95, row.errors),
        (Some(1.0), Some(4.0), Some(0.5))
    );
    assert_eq!(browser.text("td[data-column=p95]"), "> 4 s");
    browser.assert_quiet();
}

#[test]
fn the_charts_move_under_traffic() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.requests("busy", "run", 1);
    browser.open(&site.url());
    let chart = "#requests-table td svg";
    browser.wait("the charts are flat", |page| {
        page.number("#rate") == Some(0.0) && page.attribute(chart, "data-peak") == "0"
    });
    let line = |page: &Browser, chart| page.attribute(&format!("{chart} .line"), "d");
    let charts = [chart, "#rate-chart"];
    let before = charts.map(|chart| line(&browser, chart));
    assert!(!before[0].is_empty());

    site.requests("busy", "run", 500);
    browser.wait("the rate is seen", |page| page.number("#rate") > Some(1.0));
    for (chart, before) in charts.into_iter().zip(before) {
        assert_ne!(line(&browser, chart), before);
        let peak: f64 = browser.attribute(chart, "data-peak").parse().unwrap();
        assert!(peak > 1.0, "{chart}: {peak}");
    }
    browser.assert_quiet();
}

/// When the page has asked for summaries, in milliseconds by the machine's clock.
fn asked(browser: &Browser) -> Vec<f64> {
    let script = "
        return performance
            .getEntriesByType('resource')
            .filter((entry) => entry.name.endsWith('/api/metrics_summary'))
            .map((entry) => performance.timeOrigin + entry.startTime);";
    serde_json::from_value(browser.run(script, &[])).expect("numbers")
}

#[test]
fn a_page_that_nobody_sees_asks_for_nothing() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    browser.open(&site.url());
    browser.wait("the first page asks", |page| asked(page).len() > 1);
    let first = browser.new_tab();
    browser.open(&site.url());
    browser.wait("the second page asks", |page| asked(page).len() > 3);
    let others = asked(&browser);

    browser.switch_to(first);
    let last = others.last();
    browser.wait("the first page asks again", |page| {
        asked(page).last() > last
    });
    let gap = asked(&browser)
        .windows(2)
        .map(|pair| {
            let within = |time: &&f64| (pair[0]..pair[1]).contains(*time);
            others.iter().filter(within).count()
        })
        .max();
    assert!(
        gap >= Some(3),
        "the other page asked {gap:?} times meanwhile"
    );
    browser.assert_quiet();
}
