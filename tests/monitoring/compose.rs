//! The hub with Prometheus, Alertmanager and Grafana on one machine: they find each other and
//! their files.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    image::{DOCKERFILE, Dockerfile},
    kit::{self, Configuration},
};

/// `compose.yml`, as far as it is about names and places.
#[derive(Debug, Deserialize)]
struct Compose {
    services: BTreeMap<String, Service>,
    volumes: BTreeMap<String, Option<Value>>,
}

/// A container.
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

/// What an image is built from.
#[derive(Debug, Deserialize)]
struct Build {
    context: String,
    dockerfile: String,
}

/// The configuration of the Prometheus there.
const PROMETHEUS: &str = "docker/prometheus.yml";

fn compose() -> Compose {
    kit::parse(&kit::read("compose.yml"))
}

impl Compose {
    /// The addresses at which services find each other.
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

/// The port in the container.
fn last(port: &str) -> &str {
    port.rsplit(':').next().unwrap_or_default()
}

#[test]
fn what_is_mounted_is_there() {
    let compose = compose();
    let mut used = BTreeSet::new();
    for (name, service) in &compose.services {
        for volume in &service.volumes {
            let (source, target) = volume.split_once(':').expect("from where to where");
            if source.starts_with('.') {
                assert!(kit::folder().join(source).exists(), "{name}: {source}");
                assert!(target.ends_with(":ro"), "{name} may write to {source}");
            } else {
                used.insert(source);
            }
        }
    }
    let declared: BTreeSet<_> = compose.volumes.keys().map(String::as_str).collect();
    assert_eq!(used, declared);
}

#[test]
fn the_hub_is_built_from_the_repository() {
    let compose = compose();
    let hub = &compose.services["hub"];
    let build = hub.build.as_ref().expect("it is built");
    let context = kit::folder().join(&build.context);
    assert_eq!(build.dockerfile, DOCKERFILE);
    assert!(context.join(DOCKERFILE).exists(), "{}", context.display());
    assert_eq!(hub.image, format!("mcp-hub:{}", env!("CARGO_PKG_VERSION")));
    let port = Dockerfile::read().port();
    assert_eq!(hub.ports, [format!("127.0.0.1:{port}:{port}")]);
}

#[test]
fn images_are_pinned_and_ports_are_this_machine_s() {
    for (name, service) in &compose().services {
        let (_, tag) = service.image.rsplit_once(':').expect("a version");
        let parts = tag.trim_start_matches('v').split('.');
        let numbers = parts.filter(|part| part.parse::<u32>().is_ok());
        assert_eq!(numbers.count(), 3, "{name}: {tag} is not one version");
        for port in &service.ports {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
        assert_eq!(service.restart, "unless-stopped", "{name}");
        // The hub's is in its image.
        assert_eq!(service.healthcheck.is_some(), name != "hub", "{name}");
    }
}

#[test]
fn prometheus_differs_from_the_one_without_docker_by_addresses() {
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
    assert_eq!(
        kit::parse::<Value>(&same),
        kit::parse::<Value>(&kit::read("prometheus.yml"))
    );
}

#[test]
fn grafana_finds_prometheus_and_its_own_files() {
    let compose = compose();
    let grafana = &compose.services["grafana"];
    let url = &grafana.environment["PROMETHEUS_URL"];
    let address = url.strip_prefix("http://").expect("plain HTTP");
    assert!(compose.addresses().contains(address), "{address}");
    let sources = kit::read("grafana/provisioning/datasources/prometheus.yml");
    assert!(sources.contains("${PROMETHEUS_URL}"), "{sources}");

    let home = &grafana.environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
    let mut mounts = grafana.volumes.iter().filter_map(|it| {
        let (source, target) = it.strip_suffix(":ro")?.split_once(':')?;
        Some((source, home.strip_prefix(target)?))
    });
    let (source, file) = mounts.next().expect("a folder of dashboards");
    let path = format!("{source}{file}");
    assert!(kit::folder().join(&path).is_file(), "{path}");
}
