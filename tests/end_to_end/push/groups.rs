//! What a real Pushgateway has after pushes: the groups and their series.

use std::time::Duration;

use mcp_metrics::{Exporter, PushGateway, track_request};
use mcp_metrics_tests::{Scrape, eventually, log};

use super::{NEVER, OFTEN, build, call, calls, pushes};
use crate::drive::Pushgateway;

#[test]
fn pushed_group_equals_the_rendered_metrics() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let odd = "q\"b\\s\nl {ä}, %?#";
    let group = [
        ("job", "nightly import/1"),
        ("instance", "a/b"),
        ("empty", ""),
        ("dots", ".."),
        ("odd", odd),
    ];
    let mut push = PushGateway::new(gateway.url(), group[0].1)
        .all_metrics()
        .interval(OFTEN);
    for (label, value) in &group[1..] {
        push = push.grouping(*label, *value);
    }
    let (recorder, exporter) = build(push);
    call(&recorder, "importer", "plain");
    call(&recorder, odd, odd);
    metrics::with_local_recorder(&recorder, || {
        track_request(odd, "fails").start().failure("Timeout");
        metrics::counter!("imported_total", "table" => odd).increment(3);
        metrics::gauge!("odd_values", "value" => "inf").set(f64::INFINITY);
        metrics::histogram!("import_seconds").record(0.7);
    });

    // Two pushes, because the first may have been in flight before the calls.
    let before = pushes(&exporter, "success");
    eventually("two more pushes", || {
        pushes(&exporter, "success") >= before + 2.0
    });
    let mut arrived = gateway.group(&group);
    for (_, labels, _) in &mut arrived.samples {
        labels.retain(|name, _| group.iter().all(|(label, _)| label != name));
    }
    let changing = ["mcp_hub_uptime_seconds", "mcp_metrics_pushes_total"];
    let stable = |scrape: &Scrape| {
        let mut samples = scrape.samples.clone();
        samples.retain(|(name, ..)| !changing.contains(&name.as_str()));
        // The gateway parses bounds and formats them differently.
        for bound in samples.iter_mut().filter_map(|it| it.1.get_mut("le")) {
            *bound = bound.parse::<f64>().expect("a number").to_string();
        }
        samples.sort_by(|a, b| (&a.0, &a.1).partial_cmp(&(&b.0, &b.1)).expect("text"));
        samples
    };
    let rendered = Scrape::parse(&exporter.render());
    assert_eq!(stable(&arrived), stable(&rendered));
    for name in changing {
        assert!(arrived.select(name, &[]).next().is_some(), "{name}");
    }
    for (name, help) in &arrived.help {
        if rendered.help.contains_key(name) {
            assert_eq!(rendered.help.get(name), Some(help));
        }
    }
    assert!(
        rendered
            .samples
            .iter()
            .any(|it| it.0 == "import_seconds_bucket")
    );
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "failure"), 0.0);
    assert!(!gateway.log().contains("level=error"), "{}", gateway.log());
}

#[test]
fn shutdown_pushes_the_final_counts_once() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let (recorder, exporter) =
        build(PushGateway::new(gateway.url(), "short").interval(Duration::MAX));
    call(&recorder, "importer", "run");
    assert_eq!(gateway.group(&[("job", "short")]).samples, []);
    call(&recorder, "importer", "run");
    exporter.shutdown();
    let arrived = gateway.group(&[("job", "short")]);
    assert_eq!(calls(&arrived, "importer"), 2.0);
    assert_eq!(pushes(&exporter, "success"), 1.0);

    // A second shutdown does not push.
    call(&recorder, "importer", "run");
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "success"), 1.0);
    assert_eq!(gateway.group(&[("job", "short")]).samples, arrived.samples);
}

#[test]
fn process_and_system_metrics_are_accepted() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let (_, exporter) = Exporter::builder()
        .push_gateway(PushGateway::new(gateway.url(), "whole").all_metrics())
        .build()
        .expect("a valid configuration");
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "success"), 1.0);
    let arrived = gateway.group(&[("job", "whole")]);
    for name in ["mcp_hub_cpu_usage_percent", "process_cpu_seconds_total"] {
        assert!(arrived.select(name, &[]).next().is_some(), "{name}");
    }
}

#[test]
fn push_replaces_only_its_own_group() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    for (zone, agent) in [("north", "first"), ("south", "other"), ("north", "second")] {
        let push = PushGateway::new(gateway.url(), "import").grouping("zone", zone);
        let (recorder, exporter) = build(push.interval(NEVER));
        call(&recorder, agent, "run");
        // A family that the next push lacks: unlike `PUT`, a `POST` would not delete it.
        metrics::with_local_recorder(&recorder, || metrics::gauge!(agent).set(1.0));
        exporter.shutdown();
    }
    let job = gateway.group(&[("job", "import")]);
    let north = gateway.group(&[("job", "import"), ("zone", "north")]);
    assert_eq!(calls(&north, "second"), 1.0);
    assert_eq!(calls(&job, "first"), 0.0);
    assert_eq!(calls(&job, "other"), 1.0);
    let families = ["first", "other", "second"].map(|name| job.select(name, &[]).count());
    assert_eq!(families, [0, 1, 1]);
}

#[test]
fn grouping_labels_replace_labels_of_series() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let push = PushGateway::new(gateway.url(), "import").grouping("zone", "north");
    let (recorder, exporter) = build(push.clone().interval(NEVER));
    metrics::with_local_recorder(&recorder, || {
        metrics::gauge!("own", "job" => "mine", "instance" => "worker-7").set(1.0);
        metrics::gauge!("own", "zone" => "south").set(2.0);
    });
    exporter.shutdown();
    let arrived = gateway.scrape();
    for (instance, value) in [("worker-7", 1.0), ("", 2.0)] {
        let labels = [("instance", instance), ("job", "import"), ("zone", "north")];
        assert_eq!(arrived.get("own", &labels), Some(value));
    }

    // If two series become equal by this, the gateway rejects the whole push.
    let (recorder, exporter) = build(push.interval(NEVER));
    metrics::with_local_recorder(&recorder, || {
        metrics::gauge!("own", "zone" => "south").set(3.0);
        metrics::gauge!("own", "zone" => "east").set(4.0);
    });
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "failure"), 1.0);
    let own = |scrape: &Scrape| scrape.select("own", &[]).cloned().collect::<Vec<_>>();
    assert_eq!(own(&gateway.scrape()), own(&arrived));
    let log = log::lines(&gateway.address.to_string());
    assert!(
        log.iter()
            .any(|line| line.contains("collected before with the same name"))
    );
}
