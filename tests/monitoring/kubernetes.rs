//! The objects for Kubernetes: their selectors match, the image runs with the intended user and
//! limits, and kustomize applies all files.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{image::Dockerfile, kit};

/// Labels, or a selector's labels.
type Labels = BTreeMap<String, String>;

/// An object of the API.
#[derive(Debug, Deserialize)]
pub(crate) struct Object<S> {
    metadata: Metadata,
    /// The specification.
    pub(crate) spec: S,
}

/// An object's name and labels.
#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
    #[serde(default)]
    labels: Labels,
}

/// A selector of labels.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Selector {
    match_labels: Labels,
}

#[derive(Debug, Deserialize)]
struct Deployment {
    selector: Selector,
    template: Object<Pod>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pod {
    automount_service_account_token: bool,
    security_context: Value,
    containers: Vec<Container>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    image: String,
    ports: Vec<ContainerPort>,
    resources: Resources,
    security_context: Value,
    readiness_probe: Probe,
    liveness_probe: Probe,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerPort {
    name: String,
    container_port: u16,
}

#[derive(Debug, Deserialize)]
struct Resources {
    requests: Labels,
    limits: Labels,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Probe {
    http_get: Get,
}

#[derive(Debug, Deserialize)]
struct Get {
    port: String,
}

#[derive(Debug, Deserialize)]
struct Service {
    selector: Labels,
    ports: Vec<ServicePort>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServicePort {
    name: String,
    port: u16,
    target_port: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceMonitor {
    job_label: String,
    scrape_classic_histograms: bool,
    selector: Selector,
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    port: String,
    path: String,
    interval: String,
}

/// A kustomization.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Kustomization {
    api_version: String,
    kind: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    config_map_generator: Vec<ConfigMap>,
}

/// A generated `ConfigMap`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigMap {
    #[serde(rename = "name")]
    _name: String,
    files: Vec<String>,
    options: Options,
}

/// The options of a generated `ConfigMap`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Options {
    disable_name_suffix_hash: bool,
    labels: Labels,
}

/// Reads an object of the kit.
fn object<S: for<'a> Deserialize<'a>>(file: &str) -> Object<S> {
    kit::parse(&kit::read(&format!("kubernetes/{file}.yaml")))
}

/// Reads the kustomization of a folder.
fn kustomization(folder: &str) -> Kustomization {
    let read: Kustomization = kit::parse(&kit::read(&format!("{folder}/kustomization.yaml")));
    assert_eq!(read.api_version, "kustomize.config.k8s.io/v1beta1");
    assert_eq!(read.kind, "Kustomization");
    read
}

/// Returns whether labels include all of a selector's labels.
fn selects(selector: &Labels, labels: &Labels) -> bool {
    !selector.is_empty() && selector.iter().all(|(k, v)| labels.get(k) == Some(v))
}

#[test]
fn selectors_match_from_the_monitor_to_the_service_to_the_hub() {
    let deployment: Object<Deployment> = object("deployment");
    let service: Object<Service> = object("service");
    let monitor: Object<ServiceMonitor> = object("servicemonitor");
    let pod = &deployment.spec.template;
    assert!(selects(
        &deployment.spec.selector.match_labels,
        &pod.metadata.labels
    ));
    assert!(selects(&service.spec.selector, &pod.metadata.labels));
    let selector = &monitor.spec.selector.match_labels;
    assert!(selects(selector, &service.metadata.labels));
    assert_eq!(selector, &Labels::from([("app".into(), "mcp-hub".into())]));

    let [container] = &pod.spec.containers[..] else {
        panic!("one container: {pod:?}");
    };
    let [port] = &container.ports[..] else {
        panic!("one port: {container:?}");
    };
    let [offered] = &service.spec.ports[..] else {
        panic!("one port: {service:?}");
    };
    let [endpoint] = &monitor.spec.endpoints[..] else {
        panic!("one endpoint: {monitor:?}");
    };
    assert_eq!(port.container_port, Dockerfile::read().port());
    assert_eq!(
        (offered.port, &offered.target_port),
        (port.container_port, &port.name)
    );
    assert_eq!(endpoint.port, offered.name);
    assert_eq!(offered.name, "http");
    for probe in [&container.readiness_probe, &container.liveness_probe] {
        assert_eq!(probe.http_get.port, port.name);
    }
}

#[test]
fn monitor_scrapes_like_prometheus_yml() {
    let service: Object<Service> = object("service");
    let monitor: Object<ServiceMonitor> = object("servicemonitor");
    let configuration = kit::configuration();
    let job = &configuration.scrape_configs[0];
    assert_eq!(monitor.metadata.name, "mcp-hub");
    assert_eq!(job.metrics_path, None, "the default, /metrics");
    assert_eq!(monitor.spec.endpoints[0].path, "/metrics");
    assert!(monitor.spec.scrape_classic_histograms);
    assert_eq!(
        monitor.spec.endpoints[0].interval,
        configuration.global.scrape_interval
    );
    // The operator names the job after this label, or after the Service without the label.
    let label = &monitor.spec.job_label;
    assert_eq!(service.metadata.labels.get(label), Some(&job.name));
    assert_eq!(service.metadata.name, job.name);
    let alerts = kit::read("rules/alerts.yml");
    assert!(alerts.contains(&format!("up{{job=\"{}\"}}", job.name)));
}

#[test]
fn hub_runs_as_the_image_s_user_with_minimal_privileges() {
    let deployment: Object<Deployment> = object("deployment");
    let pod = &deployment.spec.template.spec;
    let container = &pod.containers[0];
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(container.image, format!("mcp-hub:{version}"));
    for labels in [
        &deployment.metadata.labels,
        &deployment.spec.template.metadata.labels,
    ] {
        assert_eq!(labels["app.kubernetes.io/version"], version);
    }

    let dockerfile = Dockerfile::read();
    let (user, group) = dockerfile
        .one("USER")
        .split_once(':')
        .expect("a user and a group");
    let number = |text: &str| text.parse::<u32>().expect("Kubernetes requires a number");
    assert!(number(user) > 0 && number(group) > 0);
    // The level `restricted` of Kubernetes' pod security standards, and a read-only file system.
    assert_eq!(
        pod.security_context,
        json!({
            "runAsNonRoot": true,
            "runAsUser": number(user),
            "runAsGroup": number(group),
            "seccompProfile": { "type": "RuntimeDefault" },
        })
    );
    assert_eq!(
        container.security_context,
        json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": { "drop": ["ALL"] },
        })
    );
    assert!(!pod.automount_service_account_token);
    for resource in ["cpu", "memory"] {
        assert!(container.resources.requests.contains_key(resource));
        assert!(container.resources.limits.contains_key(resource));
    }
}

#[test]
fn kustomizations_list_all_files() {
    let hub = kustomization("kubernetes");
    let (folders, files): (Vec<_>, BTreeSet<_>) = {
        let (folders, files): (Vec<_>, Vec<_>) = hub
            .resources
            .into_iter()
            .partition(|it| it.starts_with("../"));
        (folders, files.into_iter().collect())
    };
    let there = kit::files(&kit::folder().join("kubernetes"));
    let there = there.iter().filter_map(|it| it.file_name()?.to_str());
    let mut there: BTreeSet<_> = there.map(str::to_owned).collect();
    assert!(there.remove("kustomization.yaml"));
    assert_eq!(files, there);

    assert_eq!(folders, ["../grafana"]);
    let grafana = kustomization("grafana");
    let [dashboard] = &grafana.config_map_generator[..] else {
        panic!("one object: {grafana:?}");
    };
    let folder = kit::folder().join("grafana");
    let files: Vec<_> = dashboard.files.iter().map(|it| folder.join(it)).collect();
    assert_eq!(files, kit::files(&folder.join("dashboards")));
    assert_eq!(dashboard.options.labels["grafana_dashboard"], "1");
    assert!(dashboard.options.disable_name_suffix_hash);
}
