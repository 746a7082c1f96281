//! Limits and sanitising of labels and metrics that would break a scrape.

use std::error::Error as _;
use std::time::Duration;

use mcp_metrics::{Exporter, ExporterBuilder, InstallError, track_llm_call, track_request};
use mcp_metrics_tests::Scrape;
use metrics::with_local_recorder;

/// Returns a scrape of a new exporter after `body` has recorded to it.
fn recorded(builder: ExporterBuilder, body: impl FnOnce()) -> Scrape {
    let (recorder, exporter) = builder.build().unwrap();
    with_local_recorder(&recorder, body);
    Scrape::parse(&exporter.render())
}

fn quiet() -> ExporterBuilder {
    Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
}

const OTHER: &str = "other";

#[test]
fn label_sets_above_the_limit_are_counted_as_other() {
    let scrape = recorded(quiet().label_limit(10), || {
        for n in 0..100 {
            track_llm_call("openai", format!("model-{}", n % 50));
        }
        track_llm_call("new provider", "new model");
        metrics::counter!("foreign", "b" => "1", "a" => "1").increment(1);
    });
    let calls = "mcp_hub_llm_api_calls_total";
    assert_eq!(scrape.select(calls, &[]).count(), 12);
    assert_eq!(scrape.sum(calls, &[]), 101.0);
    // An admitted provider keeps its name.
    assert_eq!(
        scrape.value(calls, &[("provider", "openai"), ("model", OTHER)]),
        80.0
    );
    assert_eq!(
        scrape.value(calls, &[("provider", OTHER), ("model", OTHER)]),
        1.0
    );
    assert_eq!(
        scrape.value("mcp_metrics_overflowed_total", &[("family", calls)]),
        81.0
    );
    assert_eq!(scrape.kind["mcp_metrics_overflowed_total"], "counter");
}

#[test]
fn requests_above_the_limit_are_consistent_across_families() {
    let scrape = recorded(quiet().label_limit(5), || {
        for n in 0..20 {
            let agent = format!("agent-{}", n % 10);
            let request = track_request(agent, "run").start();
            if n % 2 == 0 {
                request.success();
            } else {
                request.failure(format!("Error{n}"));
            }
        }
        // Another operation of an admitted agent.
        track_request("agent-0", "another").run(|| ());
    });
    for n in (0..5).step_by(2) {
        scrape.requests(&format!("agent-{n}"), "run").assert(2, &[]);
    }
    scrape.requests("agent-0", OTHER).assert(1, &[]);
    let other = scrape.requests(OTHER, OTHER);
    assert_eq!(
        (other.total, other.observed, other.active),
        (10.0, 10.0, 0.0)
    );
    assert_eq!(
        other.total,
        other.success + other.failed.values().sum::<f64>()
    );
    for (_, labels, total) in scrape.select("mcp_hub_requests_total", &[]) {
        let counts = scrape.requests(&labels["agent"], &labels["operation"]);
        assert_eq!(
            *total,
            counts.success + counts.failed.values().sum::<f64>(),
            "{labels:?}"
        );
        assert_eq!(*total, counts.observed, "{labels:?}");
    }
    assert_eq!(scrape.sum("mcp_hub_requests_total", &[]), 21.0);
    assert_eq!(scrape.sum("mcp_hub_active_operations", &[]), 0.0);
    assert!(scrape.select("mcp_hub_requests_failed_total", &[]).count() <= 5 + 6);
}

#[test]
fn hostile_labels_are_exported_unchanged() {
    let hostile = [
        "\"",
        "\\",
        "\\\\",
        "\\\"",
        "\\\n",
        "\n",
        "a b",
        "}",
        "\u{0}",
        "é\u{202e}\u{1f980}",
        "",
    ];
    let scrape = recorded(quiet(), || {
        for label in hostile {
            track_request(label, "run").run(|| ());
        }
    });
    for label in hostile {
        scrape.requests(label, "run").assert(1, &[]);
    }
    assert_eq!(
        scrape.select("mcp_hub_requests_total", &[]).count(),
        hostile.len()
    );
}

#[test]
fn foreign_metrics_cannot_break_the_scrape() {
    let scrape = recorded(quiet(), || {
        // One series with its labels in two orders, label names that become equal, and reserved and
        // empty names.
        metrics::counter!("orders", "b" => "1", "a" => "2").increment(1);
        metrics::counter!("orders", "a" => "2", "b" => "1").increment(1);
        metrics::gauge!("twice", "x-y" => "1", "x_y" => "2").set(1.0);
        metrics::gauge!("reserved", "__name__" => "up").set(1.0);
        metrics::gauge!("nameless", "" => "1").set(1.0);
        metrics::histogram!("latency", "le" => "x").record(0.3);
        metrics::histogram!("latency").record(f64::NAN);
        metrics::counter!("").increment(1);
        metrics::counter!("1st.counter").increment(1);
        // The first kind to claim a name keeps it.
        metrics::counter!("kinds").increment(1);
        metrics::gauge!("kinds").set(5.0);
        metrics::histogram!("mcp_hub_requests_total").record(1.0);
    });
    assert_eq!(scrape.value("orders", &[("a", "2"), ("b", "1")]), 2.0);
    assert_eq!(scrape.value("twice", &[("x_y", "2")]), 1.0);
    assert_eq!(scrape.value("reserved", &[("exported__name__", "up")]), 1.0);
    assert_eq!(scrape.value("nameless", &[("_", "1")]), 1.0);
    assert_eq!(scrape.value("latency_count", &[("exported_le", "x")]), 1.0);
    assert_eq!(scrape.value("latency_count", &[]), 1.0);
    assert_eq!(scrape.value("kinds", &[]), 1.0);
    assert_eq!(scrape.value("_st_counter", &[]), 1.0);
    let bounds = scrape
        .select("latency_bucket", &[("exported_le", "x")])
        .count();
    assert_eq!(bounds, mcp_metrics::catalog::DEFAULT_BUCKETS.len() + 1);
}

#[test]
fn configured_buckets_and_global_labels_are_exported() {
    let builder = quiet()
        .buckets(&[0.25, 1.0, f64::INFINITY])
        .buckets_for("foreign", &[5.0])
        .global_label("zone", "a\\b")
        .global_label("agent", "overridden")
        .global_label("zone", "b\\c");
    let scrape = recorded(builder, || {
        track_request("real", "run").run(|| ());
        metrics::histogram!("foreign").record(7.0);
    });
    let bounds: Vec<_> = scrape
        .select(
            "mcp_hub_request_duration_seconds_bucket",
            &[("zone", "b\\c"), ("agent", "real")],
        )
        .map(|(_, labels, _)| labels["le"].clone())
        .collect();
    assert_eq!(bounds, ["0.25", "1.0", "+Inf"]);
    let real = [("agent", "real"), ("operation", "run"), ("zone", "b\\c")];
    assert_eq!(scrape.value("mcp_hub_requests_total", &real), 1.0);
    let foreign = [("zone", "b\\c"), ("agent", "overridden")];
    assert_eq!(scrape.value("foreign_sum", &foreign), 7.0);
    assert_eq!(scrape.sum("foreign_bucket", &[]), 1.0);
}

#[test]
fn invalid_configuration_is_an_error() {
    let text = |builder: ExporterBuilder| {
        let error = builder.build().unwrap_err();
        let source = error.source().map(ToString::to_string);
        format!("{error}: {}", source.unwrap_or_default())
    };
    assert!(text(quiet().buckets(&[])).contains("no finite bucket bound"));
    assert!(text(quiet().buckets_for("foreign", &[2.0, 1.0])).contains("`foreign`"));
    assert!(text(quiet().default_buckets(&[f64::NAN])).contains("is not finite"));
    assert!(text(quiet().label_limit(0)).contains("`label_limit`"));
    let short = Exporter::builder()
        .system_interval(Duration::from_millis(1))
        .build()
        .unwrap_err();
    assert!(matches!(short, InstallError::Interval(_)), "{short}");
}

#[test]
fn hooks_run_before_each_render_even_if_one_panics() {
    mcp_metrics_tests::quiet_panics();
    let (_, exporter) = quiet()
        .on_scrape(|| panic!("provoked by a test"))
        .on_scrape(|| metrics::counter!("scrapes").increment(1))
        .build()
        .unwrap();
    assert_eq!(Scrape::parse(&exporter.render()).value("scrapes", &[]), 1.0);
    assert_eq!(Scrape::parse(&exporter.render()).value("scrapes", &[]), 2.0);

    // A hook that renders is not run recursively.
    let slot = std::sync::Arc::new(std::sync::OnceLock::<Exporter>::new());
    let inside = std::sync::Arc::clone(&slot);
    let (_, exporter) = quiet()
        .on_scrape(move || drop(inside.get().map(Exporter::render)))
        .build()
        .unwrap();
    slot.set(exporter.clone()).unwrap();
    assert!(exporter.render().contains("mcp_hub_uptime_seconds"));
}

#[test]
fn disk_path_on_no_disk_omits_the_disk_metrics() {
    let (_, exporter) = Exporter::builder()
        .disk_path("relative/and/missing")
        .build()
        .unwrap();
    let scrape = Scrape::parse(&exporter.render());
    assert!(scrape.get("mcp_hub_disk_usage_percent", &[]).is_none());
    assert!(scrape.get("mcp_hub_disk_free_bytes", &[]).is_none());
    assert!(scrape.get("mcp_hub_memory_usage_percent", &[]).is_some());
}
