//! A protected endpoint, scraped by a real Prometheus.

use std::fs;

use crate::drive::{Folder, Prometheus};
use mcp_metrics::{Exporter, Secret, Tls};
use mcp_metrics_tests::{certificates::Authority, eventually};

#[test]
fn prometheus_scrapes_with_a_client_certificate_and_a_password() {
    let folder = Folder::new("protected");
    let path = |name: &str| folder.join(name);
    let write = |name: &str, text: &str| fs::write(path(name), text).expect("a file");
    let authority = Authority::new();
    write("ca.crt", &authority.pem());
    for name in ["server", "client"] {
        let identity = authority.issue("localhost");
        write(&format!("{name}.crt"), &identity.certificate);
        write(&format!("{name}.key"), &identity.key);
    }
    let hash = bcrypt::hash("s3cret", 4).expect("a hash");
    let tls = Tls::new(path("server.crt"), path("server.key")).client_ca(path("ca.crt"));
    let builder = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .tls(tls)
        .basic_auth("prometheus", Secret::new(hash))
        .allow_network("127.0.0.1");
    let (_, exporter) = builder.build().expect("a valid configuration");
    let address = exporter.local_addr().expect("a listening exporter");
    let job = |password: &str| {
        format!(
            "    scheme: https
    basic_auth:
      username: prometheus
      password: {password}
    tls_config:
      server_name: localhost
      ca_file: {ca}
      cert_file: {certificate}
      key_file: {key}",
            ca = path("ca.crt").display(),
            certificate = path("client.crt").display(),
            key = path("client.key").display(),
        )
    };
    let Some(authorized) = Prometheus::scraping(address, &job("s3cret"), &[]) else {
        return;
    };
    eventually("Prometheus has scraped", || {
        authorized.value("mcp_hub_app_info") == Some(1.0)
    });
    let Some(unauthorized) = Prometheus::scraping(address, &job("guess"), &[]) else {
        return;
    };
    eventually("the scrape is rejected", || {
        unauthorized.value("up") == Some(0.0)
    });
    assert_eq!(authorized.value("up"), Some(1.0));
    exporter.shutdown();
}
