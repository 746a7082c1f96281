//! The cardinality limit and eviction under another namespace.

use std::time::Duration;

use mcp_metrics::{catalog, track_llm_call, track_request, track_search_call};
use mcp_metrics_tests::{Scrape, eventually, log};
use metrics::{counter, with_local_recorder};

use crate::{builder, warnings};

#[test]
fn overflow_is_counted_and_logged_under_the_exported_name() {
    log::capture();
    let builder = builder()
        .namespace("limit")
        .label_limit(2)
        .global_label("zone", "b");
    let (recorder, exporter) = builder.build().unwrap();
    with_local_recorder(&recorder, || {
        for n in 0..5 {
            track_llm_call("openai", format!("model {n}"));
            // The label sets of both names share the limit.
            counter!("limit_retries_total", "service" => n.to_string(), "attempt" => "1")
                .increment(1);
            counter!(catalog::RETRIES, "service" => n.to_string(), "attempt" => "2").increment(1);
            track_request(format!("agent {n}"), "run").run(|| ());
        }
    });
    let scrape = Scrape::parse(&exporter.render());
    let summary = exporter.summary();
    let families: Vec<_> = summary.exporter.overflowed.into_iter().collect();
    let expected = [
        ("limit_active_operations", 1),
        ("limit_llm_api_calls_total", 3),
        ("limit_requests_total", 3),
        ("limit_retries_total", 8),
    ];
    let known: Vec<_> = families.iter().map(|(name, n)| (&**name, *n)).collect();
    assert_eq!(known, expected);
    for (family, count) in &families {
        let labels = [("family", &**family), ("zone", "b")];
        let value = scrape.value("mcp_metrics_overflowed_total", &labels);
        assert_eq!(value, f64::from(u32::try_from(*count).unwrap()));
        let logged = warnings(family);
        assert_eq!(logged.len(), 1, "{family}: {logged:?}");
    }
    let other = [("provider", "openai"), ("model", "other"), ("zone", "b")];
    assert_eq!(scrape.value("limit_llm_api_calls_total", &other), 3.0);
}

#[test]
fn slots_of_idle_series_are_freed_under_either_name() {
    let builder = builder()
        .label_limit(2)
        .idle_timeout(Duration::from_millis(2));
    let (recorder, exporter) = builder.build().unwrap();
    let shown = || Scrape::parse(&exporter.render());
    for round in 0..4 {
        let label = format!("round {round}");
        with_local_recorder(&recorder, || {
            let model = [("provider", label.clone()), ("model", label.clone())];
            counter!("acme_llm_api_calls_total", &model).increment(1);
            counter!(catalog::CACHE_HITS, "cache_type" => label.clone()).increment(1);
            track_search_call();
        });
        assert_eq!(shown().sum("acme_llm_api_calls_total", &[]), 1.0);
        eventually("the series are evicted", || {
            let scrape = shown();
            let mut left = scrape.select("acme_llm_api_calls_total", &[]);
            left.next().is_none() && scrape.select("acme_cache_hits_total", &[]).next().is_none()
        });
    }
    let scrape = shown();
    assert_eq!(
        scrape.select("mcp_metrics_overflowed_total", &[]).next(),
        None
    );
    assert_eq!(scrape.value("acme_search_api_calls_total", &[]), 4.0);
}
