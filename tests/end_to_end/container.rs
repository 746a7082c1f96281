//! What the hub's container image relies on: the listen address from the environment, the health
//! check, and termination on SIGTERM.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    process::Stdio,
    thread,
    time::Instant,
};

use mcp_metrics_tests::{Scrape, eventually, http, kit::read};
use serde_json::Value;

use crate::drive::{Hub, Process};

/// Runs the health check against this address. Returns whether it succeeded, and its log.
fn check(address: &str) -> (bool, String) {
    let mut command = Hub::command(address, &["--check-health"]);
    let mut process = Process::start("the health check", &mut command);
    (process.wait().success(), process.log())
}

#[test]
fn health_check_succeeds_until_the_hub_terminates() {
    let mut hub = Hub::start(&[]);
    let address = hub.address.to_string();
    assert_eq!(check(&address), (true, String::new()));
    // In a container, the hub listens on the unspecified address.
    let everywhere = format!("0.0.0.0:{}", hub.address.port());
    assert_eq!(check(&everywhere), (true, String::new()));

    assert_eq!(hub.terminate().code(), Some(0));
    let (healthy, log) = check(&address);
    assert!(!healthy && log.contains(&address), "{log}");
}

#[test]
fn health_check_fails_on_an_error_status() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection of the health check");
        let read = stream.read(&mut [0; 1024]).expect("a request");
        assert!(read > 0);
        let response = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(response).expect("an open connection");
    });
    let (healthy, log) = check(&address);
    assert!(!healthy && log.contains("503"), "{log}");
}

#[test]
fn environment_variable_sets_the_listen_address() {
    let hub = Hub::run(Hub::program().env("HUB_LISTEN", "0.0.0.0:0"));
    assert!(hub.address.ip().is_unspecified(), "{}", hub.address);
    let local = (Ipv4Addr::LOCALHOST, hub.address.port()).into();
    assert_eq!(http::get(local, "/health").status, 200);
}

#[test]
fn hub_with_demo_traffic_terminates_on_sigterm() {
    let mut hub = Hub::start(&["--demo-traffic"]);
    eventually("demo traffic is counted", || {
        hub.scrape().sum("mcp_hub_requests_total", &[]) > 0.0
    });
    // Docker sends SIGTERM, waits for ten seconds, and then sends SIGKILL.
    let signalled = Instant::now();
    assert_eq!(hub.terminate().code(), Some(0));
    assert!(
        signalled.elapsed().as_secs() < 10,
        "{:?}",
        signalled.elapsed()
    );
    assert!(hub.log().contains("SIGTERM"), "{}", hub.log());
}

/// Parses a file of the monitoring examples.
fn data(name: &str) -> Value {
    serde_saphyr::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Starts a hub with the arguments of a container.
fn start(container: &Value, arguments: &str) -> Hub {
    let arguments = container[arguments].as_array().expect("arguments");
    let arguments: Vec<_> = arguments.iter().filter_map(Value::as_str).collect();
    Hub::start(&arguments)
}

#[test]
fn hub_accepts_the_arguments_and_serves_the_paths_of_the_kubernetes_files() {
    let deployment = data("kubernetes/deployment.yaml");
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    let hub = start(container, "args");
    for probe in ["readinessProbe", "livenessProbe"] {
        let path = container[probe]["httpGet"]["path"]
            .as_str()
            .expect("a path");
        assert_eq!(http::get(hub.address, path).body, "ok\n", "{path}");
    }
    let monitor = data("kubernetes/servicemonitor.yaml");
    let path = monitor["spec"]["endpoints"][0]["path"]
        .as_str()
        .expect("a path");
    let scrape = Scrape::parse(&http::get(hub.address, path).body);
    assert_eq!(scrape.sum("mcp_hub_app_info", &[]), 1.0);
}

#[test]
fn hub_accepts_the_arguments_of_the_compose_file() {
    let compose = data("compose.yml");
    let hub = start(&compose["services"]["hub"], "command");
    assert_eq!(http::get(hub.address, "/health").status, 200);
}

#[test]
fn image_listens_on_the_default_port() {
    let help = Hub::program()
        .arg("--help")
        .stdout(Stdio::piped())
        .output()
        .expect("the hub runs");
    let help = String::from_utf8(help.stdout).expect("text");
    for text in ["HUB_LISTEN", "127.0.0.1:7860", "--check-health"] {
        assert!(help.contains(text), "{help}");
    }
    let dockerfile = read("../hub/Dockerfile");
    assert!(
        dockerfile.contains("ENV HUB_LISTEN=0.0.0.0:7860\n"),
        "{dockerfile}"
    );
}
