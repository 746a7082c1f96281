//! A hub with another namespace, and the copy of `examples/monitoring` that `set-namespace` writes
//! for it, in a real Prometheus.

use std::{fs, process::Command};

use mcp_metrics::{Exporter, PushGateway, track_request};
use mcp_metrics_tests::{Scrape, dashboard::Dashboard, eventually, kit};

use crate::{
    drive::{Folder, Hub, Prometheus, Pushgateway},
    kit::{add_llm_calls, check_panels, check_rules, files_of},
};

const NAMESPACE: &str = "acme";

#[test]
fn copy_of_the_kit_works_with_a_hub_of_its_namespace() {
    let folder = Folder::new("namespace");
    let copy = folder.join("copy");
    let mut command = Command::new(kit::folder().join("set-namespace"));
    let output = command.arg(NAMESPACE).arg(&copy).output();
    let output = output.expect("the command runs");
    assert!(output.status.success(), "{output:?}");

    let hub = Hub::start(&["--demo-traffic", "--namespace", NAMESPACE]);
    let mut files = files_of(&copy, hub.address, "127.0.0.1:1");
    let _calls = add_llm_calls(&mut files, hub.address);
    let Some(prometheus) = Prometheus::with_files(&files, &[]) else {
        return;
    };
    check_rules(&prometheus);
    // An alert that depends on recorded series fires.
    eventually("HighErrorRate fires for code_runner", || {
        let alerts = "ALERTS{alertname='HighErrorRate',alertstate='firing'}";
        prometheus
            .query("agent", alerts)
            .contains_key("code_runner")
    });
    let json = fs::read_to_string(copy.join("grafana/dashboards/mcp-hub.json"));
    let json = json.expect("the dashboard of the copy");
    let dashboard: Dashboard = serde_json::from_str(&json).expect("a dashboard");
    check_panels(&dashboard, &prometheus);

    let old = format!(
        "group by (__name__) ({{__name__=~'.*mcp_hub.*',instance='{}'}} or {{__name__=~'.*:mcp_hub.*'}})",
        hub.address
    );
    let old = prometheus.query("__name__", &old);
    assert!(old.is_empty(), "{old:?}");
    let scrape = hub.scrape();
    assert!(scrape.sum("acme_requests_total", &[]) > 0.0);
    assert!(scrape.kind.keys().all(|name| !name.starts_with("mcp_hub")));
}

#[test]
fn hub_with_an_invalid_namespace_exits_with_the_fix() {
    let mut command = Hub::command("127.0.0.1:0", &["--namespace", "acme_"]);
    let output = command.output().expect("the hub runs");
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("`acme_`"), "{errors}");
    assert!(errors.contains("omit the underscore"), "{errors}");
}

#[test]
fn momentary_gauges_of_a_namespace_are_pushed_only_on_request() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let batch = PushGateway::new(gateway.url(), "batch");
    for (push, all) in [(batch.clone(), false), (batch.all_metrics(), true)] {
        let (recorder, exporter) = Exporter::builder()
            .namespace(NAMESPACE)
            .push_gateway(push)
            .build()
            .expect("a valid configuration");
        let in_flight = metrics::with_local_recorder(&recorder, || {
            track_request("job", "ended").run(|| ());
            track_request("job", "run").start()
        });
        exporter.shutdown();
        drop(in_flight);
        let arrived: Scrape = gateway.group(&[("job", "batch")]);
        let has = |name: &str| arrived.select(name, &[]).next().is_some();
        for lasting in ["app_info", "requests_total", "uptime_seconds"] {
            assert!(has(&format!("{NAMESPACE}_{lasting}")), "{lasting}");
        }
        for momentary in ["active_operations", "cpu_usage_percent", "disk_free_bytes"] {
            assert_eq!(has(&format!("{NAMESPACE}_{momentary}")), all, "{momentary}");
        }
        let names = arrived.samples.iter().map(|(name, ..)| name);
        assert!(names.into_iter().all(|name| !name.starts_with("mcp_hub")));
    }
}
