//! The compose file with the hub, Prometheus, Alertmanager and Grafana: addresses and mounted files
//! are consistent.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    image::{DOCKERFILE, Dockerfile},
    kit::{self, Configuration},
};

/// The parts of `compose.yml` that concern names and paths.
#[derive(Debug, Deserialize)]
struct Compose {
    services: BTreeMap<String, Service>,
    volumes: BTreeMap<String, Option<Value>>,
}

/// A service.
#[derive(Debug, Deserialize)]
struct Service {
    image: String,
    build: Option<Build>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    volumes: Vec<String>,
    ports: Vec<String>,
    healthcheck: Option<Value>,
    restart: String,
}

/// The source of an image.
#[derive(Debug, Deserialize)]
struct Build {
    context: String,
    dockerfile: String,
}

/// The Prometheus configuration of the compose file.
const PROMETHEUS: &str = "docker/prometheus.yml";

fn compose() -> Compose {
    kit::parse(&kit::read("compose.yml"))
}

impl Compose {
    /// Returns the addresses of the services in their network.
    fn addresses(&self) -> BTreeSet<String> {
        let services = self.services.iter();
        services
            .flat_map(|(name, service)| {
                let ports = service.ports.iter();
                ports.map(move |port| format!("{name}:{}", last(port)))
            })
            .collect()
    }
}

/// Returns the port in the container.
fn last(port: &str) -> &str {
    port.rsplit(':').next().unwrap_or_default()
}

#[test]
fn mounted_files_exist() {
    let compose = compose();
    let mut used = BTreeSet::new();
    for (name, service) in &compose.services {
        for volume in &service.volumes {
            let parts = volume.split_once(':');
            let (source, target) = parts.expect("a volume has a source and a target");
            if source.starts_with('.') {
                assert!(kit::folder().join(source).exists(), "{name}: {source}");
                assert!(
                    target.ends_with(":ro"),
                    "{name}: {source} is not mounted read-only"
                );
            } else {
                used.insert(source);
            }
        }
    }
    let declared: BTreeSet<_> = compose.volumes.keys().map(String::as_str).collect();
    assert_eq!(used, declared);
}

#[test]
fn hub_image_is_built_from_the_repository() {
    let compose = compose();
    let hub = &compose.services["hub"];
    let build = hub.build.as_ref().expect("the hub is built");
    let context = kit::folder().join(&build.context);
    assert_eq!(build.dockerfile, DOCKERFILE);
    assert!(context.join(DOCKERFILE).exists(), "{}", context.display());
    assert_eq!(hub.image, format!("mcp-hub:{}", env!("CARGO_PKG_VERSION")));
    let port = Dockerfile::read().port();
    assert_eq!(hub.ports, [format!("127.0.0.1:{port}:{port}")]);
}

#[test]
fn images_are_pinned_and_ports_are_bound_to_localhost() {
    for (name, service) in &compose().services {
        let (_, tag) = service.image.rsplit_once(':').expect("the image has a tag");
        let parts = tag.trim_start_matches('v').split('.');
        let numbers = parts.filter(|part| part.parse::<u32>().is_ok());
        assert_eq!(
            numbers.count(),
            3,
            "{name}: `{tag}` is not an exact version"
        );
        for port in &service.ports {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
        assert_eq!(service.restart, "unless-stopped", "{name}");
        // The hub's image has its own health check.
        assert_eq!(service.healthcheck.is_some(), name != "hub", "{name}");
    }
}

#[test]
fn prometheus_configuration_differs_from_the_plain_one_only_in_addresses() {
    let addresses = compose().addresses();
    let text = kit::read(PROMETHEUS);
    let (here, there) = (kit::configuration(), kit::parse::<Configuration>(&text));
    let mut same = text;
    for (one, other) in [
        (
            &there.scrape_configs[0].static_configs[0].targets[0],
            &here.scrape_configs[0].static_configs[0].targets[0],
        ),
        (
            &there.alerting.alertmanagers[0].static_configs[0].targets[0],
            &here.alerting.alertmanagers[0].static_configs[0].targets[0],
        ),
    ] {
        assert!(addresses.contains(one), "{one} is not in {addresses:?}");
        same = same.replace(one, other);
    }
    // The image's version of Prometheus accepts this option, others may not.
    let plain = kit::read("prometheus.yml");
    let plain = kit::with_classic_histograms(&plain, "always_scrape_classic_histograms");
    assert_eq!(kit::parse::<Value>(&same), kit::parse::<Value>(&plain));
}

#[test]
fn grafana_has_prometheus_and_the_home_dashboard() {
    let compose = compose();
    let grafana = &compose.services["grafana"];
    let url = &grafana.environment["PROMETHEUS_URL"];
    let address = url.strip_prefix("http://").expect("the URL has plain HTTP");
    assert!(compose.addresses().contains(address), "{address}");
    let sources = kit::read("grafana/provisioning/datasources/prometheus.yml");
    assert!(sources.contains("${PROMETHEUS_URL}"), "{sources}");

    let home = &grafana.environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
    let mut mounts = grafana.volumes.iter().filter_map(|it| {
        let (source, target) = it.strip_suffix(":ro")?.split_once(':')?;
        Some((source, home.strip_prefix(target)?))
    });
    let (source, file) = mounts.next().expect("a folder of dashboards is mounted");
    let path = format!("{source}{file}");
    assert!(kit::folder().join(&path).is_file(), "{path}");
}
