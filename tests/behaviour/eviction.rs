//! Series that are evicted while other threads register and record them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mcp_metrics::{Exporter, MetricsRecorder};
use mcp_metrics_tests::Scrape;
use metrics::with_local_recorder;

const TIMEOUT: Duration = Duration::from_millis(1);
const THREADS: usize = 3;
const ROUNDS: usize = 200;

fn evicting() -> (MetricsRecorder, Exporter) {
    let builder = Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .idle_timeout(TIMEOUT);
    builder.build().expect("the configuration is valid")
}

/// Scrapes until the bodies on other threads have ended. Returns the number of scrapes in which
/// `name` has no series.
fn scrape_during(exporter: &Exporter, name: &str, body: impl Fn(usize) + Sync) -> usize {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let scraper = scope.spawn(|| {
            let mut evicted = 0;
            while !ended.load(Ordering::Relaxed) {
                let scrape = Scrape::parse(&exporter.render());
                evicted += usize::from(scrape.select(name, &[]).next().is_none());
            }
            evicted
        });
        let body = &body;
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || body(thread)))
            .collect();
        let results: Vec<_> = threads
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        ended.store(true, Ordering::Relaxed);
        for result in results {
            result.expect("the body does not panic");
        }
        scraper.join().expect("every scrape can be parsed")
    })
}

/// All threads use one series, whose eviction races with registrations of its cached key.
#[test]
fn counter_registered_during_an_eviction_is_exported() {
    let (recorder, exporter) = evicting();
    let evictions = scrape_during(&exporter, "raced_total", |thread| {
        with_local_recorder(&recorder, || {
            for round in 0..ROUNDS {
                let counter = metrics::counter!("raced_total", "key" => "one");
                counter.increment(1);
                let scrape = Scrape::parse(&exporter.render());
                let value = scrape.get("raced_total", &[("key", "one")]);
                assert!(
                    value >= Some(1.0),
                    "thread {thread}, round {round}: {value:?}"
                );
                drop(counter);
                thread::sleep(TIMEOUT * 2);
            }
        });
    });
    // Without evictions there was no race.
    assert!(evictions > 0);
}

#[test]
fn histogram_registered_during_an_eviction_is_exported() {
    let (recorder, exporter) = evicting();
    let evictions = scrape_during(&exporter, "raced_seconds_count", |thread| {
        with_local_recorder(&recorder, || {
            for round in 0..ROUNDS {
                let histogram = metrics::histogram!("raced_seconds", "key" => "one");
                histogram.record(0.1);
                let scrape = Scrape::parse(&exporter.render());
                let value = scrape.get("raced_seconds_count", &[("key", "one")]);
                assert!(
                    value >= Some(1.0),
                    "thread {thread}, round {round}: {value:?}"
                );
                drop(histogram);
                thread::sleep(TIMEOUT * 2);
            }
        });
    });
    assert!(evictions > 0);
}

/// Each round admits a series and waits until it is evicted: a slot that is not freed would make a
/// later round overflow. The series of an operation in flight stay.
#[test]
fn slots_of_evicted_series_are_free_again() {
    let builder = Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .label_limit(2)
        .idle_timeout(TIMEOUT);
    let (recorder, exporter) = builder.build().expect("the configuration is valid");
    let active = || {
        let scrape = Scrape::parse(&exporter.render());
        scrape.sum("mcp_hub_active_operations", &[("agent", "long")])
    };
    with_local_recorder(&recorder, || {
        let long = mcp_metrics::track_request("long", "run").start();
        for round in 0..20 {
            let label = format!("round {round}");
            metrics::counter!("slots_total", "key" => label.clone()).increment(1);
            mcp_metrics::track_llm_call("provider", label.clone());
            mcp_metrics::track_request("agent", label)
                .start()
                .failure("Timeout");
            let scrape = Scrape::parse(&exporter.render());
            assert!(
                scrape
                    .select("mcp_metrics_overflowed_total", &[])
                    .next()
                    .is_none(),
                "{round}"
            );
            mcp_metrics_tests::eventually("the series are evicted", || {
                let scrape = Scrape::parse(&exporter.render());
                [
                    "slots_total",
                    "mcp_hub_llm_api_calls_total",
                    "mcp_hub_requests_total",
                    "mcp_hub_requests_failed_total",
                    "mcp_hub_request_duration_seconds_count",
                ]
                .iter()
                .flat_map(|name| scrape.select(name, &[]))
                .all(|(_, labels, _)| labels.get("agent").is_some_and(|it| it == "long"))
            });
        }
        assert_eq!(active(), 1.0);
        long.success();
        assert_eq!(active(), 0.0);
    });
}
