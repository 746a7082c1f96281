//! `axum_service`, called over HTTP.

use std::process::Stdio;

use mcp_metrics_tests::{Process, eventually};
use reqwest::Client;

use crate::programs::{address, assert_series, command, scrape, terminate};

/// The series after all requests.
const EXPECTED: &str = "
    active_operations{agent=notes} 0
    active_operations{agent=store} 0
    app_info{name=notes} 1
    request_duration_seconds_count{agent=notes,operation=GET /notes/{text}} 2
    request_duration_seconds_count{agent=notes,operation=GET /notes} 1
    request_duration_seconds_count{agent=notes,operation=POST /notes} 102
    request_duration_seconds_count{agent=notes,operation=unmatched} 1
    request_duration_seconds_count{agent=store,operation=add} 102
    request_duration_seconds_count{agent=store,operation=expire} 1
    requests_failed_total{agent=notes,error_type=507,operation=POST /notes} 1
    requests_failed_total{agent=store,error_type=Empty,operation=add} 1
    requests_failed_total{agent=store,error_type=Full,operation=add} 1
    requests_success_total{agent=notes,operation=GET /notes/{text}} 2
    requests_success_total{agent=notes,operation=GET /notes} 1
    requests_success_total{agent=notes,operation=POST /notes} 101
    requests_success_total{agent=notes,operation=unmatched} 1
    requests_success_total{agent=store,operation=add} 100
    requests_success_total{agent=store,operation=expire} 1
    requests_total{agent=notes,operation=GET /notes/{text}} 2
    requests_total{agent=notes,operation=GET /notes} 1
    requests_total{agent=notes,operation=POST /notes} 102
    requests_total{agent=notes,operation=unmatched} 1
    requests_total{agent=store,operation=add} 102
    requests_total{agent=store,operation=expire} 1
    search_api_calls_total{} 0
";

/// Sends a request, with a body if it is a `POST`. Returns the status and the body.
async fn send(client: &Client, url: String, note: Option<&str>) -> (u16, String) {
    let request = match note {
        Some(note) => client.post(url).body(note.to_owned()),
        None => client.get(url),
    };
    let response = request.send().await.expect("a response");
    let status = response.status().as_u16();
    (status, response.text().await.expect("a text"))
}

#[tokio::test]
async fn requests_and_the_background_task_are_exported() {
    let mut command = command("axum_service");
    let command = command.args(["127.0.0.1:0"; 2]).stdout(Stdio::null());
    let mut server = Process::start("axum_service", command);
    let metrics = address(&mut server, "metrics");
    let service = address(&mut server, "service");

    // An error means that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build().expect("a client");
    let url = |path: &str| format!("http://{service}{path}");
    let get = async |path| send(&client, url(path), None).await;
    let post = async |note: &str| send(&client, url("/notes"), Some(note)).await.0;

    assert_eq!(get("/health").await, (200, "healthy\n".to_owned()));
    assert_eq!(post(" ").await, 400);
    for number in 0..100 {
        assert_eq!(post(&format!("note {number}")).await, 201);
    }
    assert_eq!(post("one more").await, 507);
    let (status, notes) = get("/notes").await;
    assert_eq!((status, notes.lines().count()), (200, 100));
    assert_eq!(get("/notes/99").await, (200, "note 99".to_owned()));
    assert_eq!(get("/notes/bananas").await.0, 404);
    // The metrics have a separate address.
    assert_eq!(get("/metrics").await.0, 404);

    let expired = "requests_success_total{agent=store,operation=expire} 1".to_owned();
    eventually("the background task has run", || {
        scrape(metrics).contains(&expired)
    });
    assert_series(&scrape(metrics), EXPECTED);
    terminate(&mut server);
}
