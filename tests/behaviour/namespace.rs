//! Exporters with another namespace. `golden_namespace.rs` compares full scrapes.

#[path = "namespace/facade.rs"]
mod facade;
#[path = "namespace/limits.rs"]
mod limits;
#[path = "namespace/recording.rs"]
mod recording;

use mcp_metrics::{
    Exporter, ExporterBuilder, InstallError, catalog, track_request, track_search_call,
};
use mcp_metrics_tests::{Scrape, eventually, log};
use metrics::{counter, with_local_recorder};

const PLAN: [(&str, &str); 2] = [("agent", "planner"), ("operation", "plan")];

fn builder() -> ExporterBuilder {
    Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .namespace("acme")
}

/// Returns a scrape of a new exporter after `body` has recorded to it.
fn recorded(builder: ExporterBuilder, body: impl FnOnce()) -> Scrape {
    let (recorder, exporter) = builder.build().unwrap();
    with_local_recorder(&recorder, body);
    Scrape::parse(&exporter.render())
}

/// Returns the warnings so far about a family.
fn warnings(family: &str) -> Vec<String> {
    let mut lines = log::lines("WARN");
    lines.retain(|line| line.contains(&format!("family={family:?}")));
    lines
}

#[test]
fn namespace_replaces_the_prefix_of_the_hubs_families_only() {
    let scrape = recorded(builder(), || {
        counter!("mcp_hub_jobs_total").increment(1);
        counter!("acme_jobs_total").increment(2);
        counter!("mcp_metrics_scrapes_total", "code" => "200").increment(3);
    });
    for family in catalog::FAMILIES {
        let name = family.name_in("acme");
        assert_eq!(scrape.kind[&*name], family.kind.as_str());
        assert_eq!(scrape.help[&*name], family.help);
        assert!(*name == *family.name || !scrape.kind.contains_key(family.name));
    }
    // Not in the catalogue: the program's own.
    assert_eq!(scrape.value("mcp_hub_jobs_total", &[]), 1.0);
    assert_eq!(scrape.value("acme_jobs_total", &[]), 2.0);
    let scrapes = scrape.value("mcp_metrics_scrapes_total", &[("code", "200")]);
    assert_eq!(scrapes, 3.0);
    let names: Vec<_> = scrape.samples.iter().map(|(name, ..)| name).collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn families_are_sorted_by_the_exported_name() {
    for namespace in [
        "a",
        "mcp",
        "mcp_hub",
        "mcp_hub_2",
        "mcp_zoo",
        "zoo",
        "_x",
        "N",
    ] {
        let (recorder, exporter) = builder().namespace(namespace).build().unwrap();
        with_local_recorder(&recorder, || {
            for name in ["b", "mcp_hub_x", "mcp_metrics_x", "mcp_p", "z"] {
                counter!(name).increment(1);
            }
        });
        let text = exporter.render();
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let names: Vec<_> = types.filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names.len(), catalog::FAMILIES.len() + 5, "{namespace}");
        assert!(names.is_sorted(), "{namespace}: {names:?}");
    }
}

#[test]
fn gauges_of_the_exporter_are_renamed() {
    let (_recorder, exporter) = Exporter::builder()
        .app("my-hub", "1.2.3")
        .namespace("acme")
        .build()
        .unwrap();
    let mut scrape = Scrape::default();
    eventually("the machine was sampled", || {
        scrape = Scrape::parse(&exporter.render());
        scrape.get("acme_cpu_usage_percent", &[]).is_some()
    });
    let app = [("name", "my-hub"), ("version", "1.2.3")];
    assert_eq!(scrape.value("acme_app_info", &app), 1.0);
    assert!(scrape.value("acme_uptime_seconds", &[]) > 0.0);
    assert!(scrape.value("acme_memory_available_bytes", &[]) > 0.0);
    assert!(scrape.kind.contains_key("process_start_time_seconds"));
    let summary = exporter.summary();
    assert_eq!(summary.app_name, "my-hub");
    assert!(summary.uptime_seconds > 0.0);
    assert!(summary.system.cpu_usage_percent.is_some());
    exporter.shutdown();
}

#[test]
fn unknown_gauge_is_absent() {
    let (_recorder, exporter) = Exporter::builder()
        .namespace("acme")
        .disk_path("relative/and/missing")
        .build()
        .unwrap();
    let scrape = Scrape::parse(&exporter.render());
    assert_eq!(scrape.get("acme_disk_free_bytes", &[]), None);
    assert!(scrape.kind.contains_key("acme_disk_free_bytes"));
}

#[test]
fn exporter_returns_its_namespace_and_exported_names() {
    let (_, exporter) = builder().build().unwrap();
    assert_eq!(exporter.namespace(), "acme");
    assert_eq!(
        exporter.exported_name(catalog::REQUESTS),
        "acme_requests_total"
    );
    for name in ["acme_requests_total", catalog::SCRAPES, "up", "mcp_hub_own"] {
        assert_eq!(exporter.exported_name(name), name);
    }
    assert_eq!(exporter.exported_name("http.requests"), "http_requests");
    let (_, exporter) = builder().namespace(catalog::NAMESPACE).build().unwrap();
    assert_eq!(exporter.namespace(), "mcp_hub");
    assert_eq!(exporter.exported_name(catalog::REQUESTS), catalog::REQUESTS);
}

#[test]
fn invalid_namespace_is_an_install_error_with_the_fix() {
    for (namespace, fix) in [
        ("", "expected a name"),
        ("acme_", "omit the underscore"),
        ("_", "omit the underscore"),
        ("2acme", "digit"),
        ("ac-me", "letters"),
        ("ac me", "letters"),
        ("acme\n", "letters"),
        ("acmé", "letters"),
        ("acme:hub", "letters"),
        ("acme.hub", "letters"),
        ("mcp_metrics", "another one"),
        ("mcp_server", "another one"),
        ("mcp_server_hub", "another one"),
        ("mcp_http", "another one"),
        ("mcp_client", "another one"),
        ("gen_ai", "another one"),
        ("process", "another one"),
    ] {
        let error = builder().namespace(namespace).build().unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("invalid `namespace` `{namespace}`; ")),
            "{text}"
        );
        assert!(text.contains(fix), "{text}");
        assert!(matches!(error, InstallError::Namespace { .. }));
        let error = builder().namespace(namespace).install().unwrap_err();
        assert_eq!(error.to_string(), text);
    }
    for namespace in [
        "a",
        "ACME_2",
        "_acme",
        "mcp",
        "mcp_servers",
        "processes",
        "mcp_hub_eu",
    ] {
        let scrape = recorded(builder().namespace(namespace), track_search_call);
        let name = format!("{namespace}_search_api_calls_total");
        assert_eq!(scrape.value(&name, &[]), 1.0, "{namespace}");
    }
}

#[test]
fn each_recorder_has_its_own_namespace() {
    // A clone of the recorder has its namespace; another recorder does not.
    let (recorder, exporter) = builder().build().unwrap();
    let (plain, other) = builder().namespace(catalog::NAMESPACE).build().unwrap();
    let clone = recorder.clone();
    with_local_recorder(&clone, || track_request("planner", "plan").run(|| ()));
    with_local_recorder(&plain, || track_request("planner", "plan").run(|| ()));
    let scrape = Scrape::parse(&exporter.render());
    assert_eq!(scrape.value("acme_requests_total", &PLAN), 1.0);
    let other = Scrape::parse(&other.render());
    assert_eq!(other.value("mcp_hub_requests_total", &PLAN), 1.0);
}
