//! What the exporter does with labels and metrics that would harm a scrape.

use std::time::Duration;

use mcp_metrics::{Exporter, ExporterBuilder, InstallError, track_llm_call, track_request};
use mcp_metrics_tests::Scrape;
use metrics::with_local_recorder;

/// What a fresh exporter shows after `body` recorded to it.
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
        metrics::counter!("theirs", "b" => "1", "a" => "1").increment(1);
    });
    let calls = "mcp_hub_llm_api_calls_total";
    assert_eq!(scrape.select(calls, &[]).count(), 12);
    assert_eq!(scrape.sum(calls, &[]), 101.0);
    // A known provider keeps its name.
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
fn requests_above_the_limit_agree_in_every_family() {
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
        // More operations of a known agent.
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
fn hostile_labels_survive_as_they_are() {
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
fn other_crates_metrics_cannot_spoil_the_scrape() {
    let scrape = recorded(quiet(), || {
        // One series in two orders, labels that become the same, reserved and empty names.
        metrics::counter!("orders", "b" => "1", "a" => "2").increment(1);
        metrics::counter!("orders", "a" => "2", "b" => "1").increment(1);
        metrics::gauge!("twice", "x-y" => "1", "x_y" => "2").set(1.0);
        metrics::gauge!("reserved", "__name__" => "up").set(1.0);
        metrics::gauge!("nameless", "" => "1").set(1.0);
        metrics::histogram!("latency", "le" => "x").record(0.3);
        metrics::histogram!("latency").record(f64::NAN);
        metrics::counter!("").increment(1);
        metrics::counter!("1st.counter").increment(1);
        // A name belongs to the kind that had it first.
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
fn buckets_and_global_labels_are_the_configured_ones() {
    let builder = quiet()
        .buckets(&[0.25, 1.0, f64::INFINITY])
        .buckets_for("theirs", &[5.0])
        .global_label("zone", "a\\b")
        .global_label("agent", "overridden")
        .global_label("zone", "b\\c");
    let scrape = recorded(builder, || {
        track_request("real", "run").run(|| ());
        metrics::histogram!("theirs").record(7.0);
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
    let theirs = [("zone", "b\\c"), ("agent", "overridden")];
    assert_eq!(scrape.value("theirs_sum", &theirs), 7.0);
    assert_eq!(scrape.sum("theirs_bucket", &[]), 1.0);
}

#[test]
fn idle_series_go_and_active_operations_stay() {
    let (recorder, exporter) = quiet()
        .idle_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let long = with_local_recorder(&recorder, || {
        track_llm_call("openai", "gpt-4");
        track_request("idle", "short").run(|| ());
        track_request("idle", "long").start()
    });
    let shown = || Scrape::parse(&exporter.render());
    let pair = [("agent", "idle"), ("operation", "short")];
    assert_eq!(
        shown().value("mcp_hub_request_duration_seconds_count", &pair),
        1.0
    );
    mcp_metrics_tests::eventually("idle series are dropped", || {
        let scrape = shown();
        scrape.get("mcp_hub_requests_total", &pair).is_none()
            && scrape
                .get("mcp_hub_request_duration_seconds_count", &pair)
                .is_none()
            && scrape
                .select("mcp_hub_llm_api_calls_total", &[])
                .next()
                .is_none()
    });
    assert_eq!(
        shown().value("mcp_hub_active_operations", &[("agent", "idle")]),
        1.0
    );
    with_local_recorder(&recorder, || long.success());
    assert_eq!(
        shown().value("mcp_hub_active_operations", &[("agent", "idle")]),
        0.0
    );
}

#[test]
fn a_configuration_that_makes_no_sense_is_an_error() {
    let text = |builder: ExporterBuilder| builder.build().unwrap_err().to_string();
    assert!(text(quiet().buckets(&[])).contains("at least one finite bucket bound"));
    assert!(text(quiet().buckets_for("theirs", &[2.0, 1.0])).contains("`theirs`"));
    assert!(text(quiet().default_buckets(&[f64::NAN])).contains("not a finite number"));
    assert!(text(quiet().label_limit(0)).contains("label limit"));
    let short = Exporter::builder()
        .system_interval(Duration::from_millis(1))
        .build()
        .unwrap_err();
    assert!(matches!(short, InstallError::Interval(_)), "{short}");
}

#[test]
fn hooks_run_before_each_render_and_cannot_break_it() {
    mcp_metrics_tests::quiet_panics();
    let (_, exporter) = quiet()
        .on_scrape(|| panic!("provoked by a test"))
        .on_scrape(|| metrics::counter!("scrapes").increment(1))
        .build()
        .unwrap();
    assert_eq!(Scrape::parse(&exporter.render()).value("scrapes", &[]), 1.0);
    assert_eq!(Scrape::parse(&exporter.render()).value("scrapes", &[]), 2.0);

    // A hook that renders does not run itself again.
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
fn a_path_on_no_disk_leaves_the_disk_metrics_out() {
    let (_, exporter) = Exporter::builder()
        .disk_path("relative/and/missing")
        .build()
        .unwrap();
    let scrape = Scrape::parse(&exporter.render());
    assert!(scrape.get("mcp_hub_disk_usage_percent", &[]).is_none());
    assert!(scrape.get("mcp_hub_disk_free_bytes", &[]).is_none());
    assert!(scrape.get("mcp_hub_memory_usage_percent", &[]).is_some());
}
