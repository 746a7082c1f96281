//! `acme-tickets`, a service that records through its company's telemetry crate.

use std::{fs, path::Path, process::Stdio};

use mcp_metrics_tests::{Process, Scrape, http};
use reqwest::Client;

use crate::programs::{address, assert_series, command, series_with_prefix, terminate};

/// The series after all tickets, without the label that the company adds to each.
const EXPECTED: &str = "
    active_operations{agent=desk} 0
    active_operations{agent=http} 0
    active_operations{agent=outgoing} 0
    app_info{name=acme-tickets} 1
    cache_hits_total{cache_type=on_duty} 1
    cache_misses_total{cache_type=on_duty} 2
    llm_api_calls_total{model=triage-1,provider=acme} 5
    request_duration_seconds_count{agent=desk,operation=open} 5
    request_duration_seconds_count{agent=http,operation=POST /tickets} 5
    request_duration_seconds_count{agent=outgoing,operation=directory.assignee} 2
    requests_failed_total{agent=desk,error_type=Empty,operation=open} 1
    requests_failed_total{agent=desk,error_type=Overloaded,operation=open} 1
    requests_failed_total{agent=desk,error_type=Vacant,operation=open} 1
    requests_failed_total{agent=http,error_type=500,operation=POST /tickets} 1
    requests_failed_total{agent=http,error_type=503,operation=POST /tickets} 1
    requests_failed_total{agent=outgoing,error_type=Vacant,operation=directory.assignee} 1
    requests_success_total{agent=desk,operation=open} 2
    requests_success_total{agent=http,operation=POST /tickets} 3
    requests_success_total{agent=outgoing,operation=directory.assignee} 1
    requests_total{agent=desk,operation=open} 5
    requests_total{agent=http,operation=POST /tickets} 5
    requests_total{agent=outgoing,operation=directory.assignee} 2
    retries_exhausted_total{service=model} 1
    retries_total{attempt=1,service=model} 1
    retries_total{attempt=2,service=model} 1
    search_api_calls_total{} 0
";

#[tokio::test]
async fn service_exports_its_metrics_with_the_defaults_of_the_company() {
    let token = Path::new(env!("CARGO_TARGET_TMPDIR")).join("acme-token");
    fs::write(&token, "a-token-of-the-company-for-scrapes\n").expect("a writable folder");
    let mut command = command("acme-tickets");
    command
        .arg("127.0.0.1:0")
        .env("ACME_METRICS_ADDRESS", "127.0.0.1:0")
        .env("ACME_METRICS_TOKEN_FILE", &token)
        .env("ACME_REGION", "eu")
        .stdout(Stdio::null());
    let mut service = Process::start("acme-tickets", &mut command);
    let metrics = address(&mut service, "metrics");
    let tickets = format!("http://{}/tickets", address(&mut service, "service"));

    // An error means that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build().expect("a client");
    for (text, expected) in [
        ("my cable is broken", 200),
        ("a new cable", 200),
        (" ", 400),
        ("a cable [overloaded]", 503),
        ("my chair is broken", 500),
    ] {
        let response = client.post(&tickets).body(text).send().await;
        assert_eq!(response.expect("a response").status(), expected, "{text}");
    }

    assert_eq!(http::get(metrics, "/metrics").status, 401);
    let token = ("Authorization", "Bearer a-token-of-the-company-for-scrapes");
    let response = http::get_with(metrics, "/metrics", &[token]);
    assert_eq!(response.status, 200);
    let mut scrape = Scrape::parse(&response.body);
    for (name, labels, _) in &mut scrape.samples {
        assert!(!name.starts_with("mcp_hub_"), "{name}");
        assert_eq!(labels.remove("region").as_deref(), Some("eu"), "{name}");
    }
    assert_series(&series_with_prefix("acme_", &scrape), EXPECTED);
    let output = [("gen_ai_token_type", "output")];
    assert_eq!(scrape.sum("gen_ai_client_token_usage_sum", &output), 3.0);
    let fine = [("agent", "desk"), ("le", "300.0")];
    assert_eq!(
        scrape.sum("acme_request_duration_seconds_bucket", &fine),
        5.0
    );
    terminate(&mut service);
}

#[test]
fn invalid_setting_ends_the_service_with_the_variable_and_its_value() {
    let mut command = command("acme-tickets");
    command
        .env("ACME_METRICS_ADDRESS", "9464")
        .stdout(Stdio::null());
    let mut service = Process::start("acme-tickets", &mut command);
    assert_eq!(service.wait().code(), Some(1));
    let log = service.log();
    assert!(
        log.contains("ACME_METRICS_ADDRESS") && log.contains("9464"),
        "{log}"
    );
}
