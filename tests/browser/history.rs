//! Values that the page derives from two summaries: rates, quantiles, charts.

use mcp_metrics::{MetricsSummary, RequestSummary};

use crate::drive::{Answer, Browser, Look, Site, Staged};

/// Returns a request with these cumulative counts in the buckets 1, 2, 4 and `+Inf`.
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

/// Waits until the summary with this uptime is shown.
fn wait_for(browser: &Browser, uptime: f64) {
    browser.wait("the next summary is shown", |page| {
        page.number("#uptime") == Some(uptime)
    });
}

#[test]
fn rate_is_computed_from_the_servers_uptime() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([summary(1_000.0, request(0, [10; 4]))]);
    browser.open(&server.url());
    wait_for(&browser, 1_000.0);
    let row = &browser.requests()[0];
    assert_eq!(
        (row.rate, row.total),
        (None, Some(10.0)),
        "after one summary"
    );
    assert_eq!(browser.text("#rate"), "–");

    server.answer([summary(1_004.0, request(0, [20; 4]))]);
    wait_for(&browser, 1_004.0);
    assert_eq!(browser.requests()[0].rate, Some(2.5));
    assert_eq!(browser.number("#rate"), Some(2.5));
    browser.assert_quiet();
}

#[test]
fn restart_resets_rates_and_ratios() {
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
fn reappearing_series_counts_from_zero() {
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
fn quantiles_equal_histogram_quantile() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    // The 10th of 20 is halfway through the second bucket, the 19th at 4/5 of the third.
    let server = Staged::new([summary(10.0, request(2, [5, 15, 20, 20]))]);
    browser.open(&server.url());
    wait_for(&browser, 10.0);
    let row = &browser.requests()[0];
    assert_eq!(
        (row.p50, row.p95, row.errors),
        (Some(1.5), Some(3.6), Some(0.1))
    );
    assert_eq!(browser.text("td[data-column=p50]"), "1.5 s");

    // Of the four observations since, two are in the first bucket and two above the last bound.
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
fn fast_requests_show_a_bound_and_the_exact_mean() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let staged = |counts: [u64; 4], bounds: [f64; 3], seconds| {
        let mut request = request(0, counts);
        for ((bound, _), new) in request.buckets.iter_mut().zip(bounds) {
            *bound = new;
        }
        request.duration_seconds = seconds;
        request
    };
    let cell = |page: &Browser, column| page.text(&format!("td[data-column={column}]"));
    // All below the first bound: the median is anywhere between 0 and 100 ms.
    let fast = staged([20; 4], [0.1, 0.5, 1.0], 0.5);
    let server = Staged::new([summary(10.0, fast)]);
    browser.open(&server.url());
    wait_for(&browser, 10.0);
    assert_eq!(cell(&browser, "p50"), "< 100 ms");
    assert_eq!(cell(&browser, "p95"), "< 100 ms");
    assert_eq!(cell(&browser, "mean"), "25 ms");
    assert_eq!(browser.requests()[0].mean, Some(0.5 / 20.0));

    // Of the ten since, eight are fast; the mean is that of these ten.
    let mixed = staged([28, 30, 30, 30], [0.1, 0.5, 1.0], 3.5);
    server.answer([summary(12.0, mixed)]);
    wait_for(&browser, 12.0);
    assert_eq!(cell(&browser, "p50"), "< 100 ms");
    assert_eq!(cell(&browser, "p95"), "400 ms");
    assert_eq!(cell(&browser, "mean"), "300 ms");

    // A restart with bounds above a second.
    let slow = staged([4; 4], [2.5, 5.0, 10.0], 4.0);
    server.answer([summary(1.0, slow)]);
    wait_for(&browser, 1.0);
    assert_eq!(cell(&browser, "p50"), "< 2.5 s");
    assert_eq!(cell(&browser, "mean"), "1.0 s");
    browser.assert_quiet();
}

#[test]
fn charts_change_under_traffic() {
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
    browser.wait("the rate is shown", |page| page.number("#rate") > Some(1.0));
    for (chart, before) in charts.into_iter().zip(before) {
        assert_ne!(line(&browser, chart), before);
        let peak: f64 = browser.attribute(chart, "data-peak").parse().unwrap();
        assert!(peak > 1.0, "{chart}: {peak}");
    }
    browser.assert_quiet();
}

/// Returns the times at which the page has requested summaries, in milliseconds since the epoch.
fn polls(browser: &Browser) -> Vec<f64> {
    let script = "
        return performance
            .getEntriesByType('resource')
            .filter((entry) => entry.name.endsWith('/api/metrics_summary'))
            .map((entry) => performance.timeOrigin + entry.startTime);";
    serde_json::from_value(browser.run(script, &[])).expect("numbers")
}

#[test]
fn hidden_page_does_not_poll() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    browser.open(&site.url());
    browser.wait("the first page polls", |page| polls(page).len() > 1);
    let first = browser.new_tab();
    browser.open(&site.url());
    browser.wait("the second page polls", |page| polls(page).len() > 3);
    let others = polls(&browser);

    browser.switch_to(first);
    let last = others.last();
    browser.wait("the first page polls again", |page| {
        polls(page).last() > last
    });
    let gap = polls(&browser)
        .windows(2)
        .map(|pair| {
            let within = |time: &&f64| (pair[0]..pair[1]).contains(*time);
            others.iter().filter(within).count()
        })
        .max();
    assert!(
        gap >= Some(3),
        "the other page polled {gap:?} times meanwhile"
    );
    browser.assert_quiet();
}
