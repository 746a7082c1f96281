//! What the hub's image relies on: an address from the environment, a check of its health, and an
//! end when it is told to.

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

/// Has a hub's program ask after the one at this address: whether that is well, and what it says.
fn check(address: &str) -> (bool, String) {
    let mut command = Hub::command(address, &["--check-health"]);
    let mut process = Process::start("the check", &mut command);
    (process.wait().success(), process.log())
}

#[test]
fn a_hub_that_runs_is_well_until_it_ends() {
    let mut hub = Hub::start(&[]);
    let address = hub.address.to_string();
    assert_eq!(check(&address), (true, String::new()));
    // A container listens on all addresses, of which none is called so.
    let everywhere = format!("0.0.0.0:{}", hub.address.port());
    assert_eq!(check(&everywhere), (true, String::new()));

    assert_eq!(hub.terminate().code(), Some(0));
    let (well, said) = check(&address);
    assert!(!well && said.contains(&address), "{said}");
}

#[test]
fn something_else_at_the_address_is_not_a_hub_that_is_well() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the check calls");
        let read = stream.read(&mut [0; 1024]).expect("a request");
        assert!(read > 0);
        let answer = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer).expect("the check listens");
    });
    let (well, said) = check(&address);
    assert!(!well && said.contains("503"), "{said}");
}

#[test]
fn the_environment_says_where_to_listen() {
    let hub = Hub::run(Hub::program().env("HUB_LISTEN", "0.0.0.0:0"));
    assert!(hub.address.ip().is_unspecified(), "{}", hub.address);
    let local = (Ipv4Addr::LOCALHOST, hub.address.port()).into();
    assert_eq!(http::get(local, "/health").status, 200);
}

#[test]
fn a_hub_with_a_demo_ends_when_it_is_told_to() {
    let mut hub = Hub::start(&["--demo-traffic"]);
    eventually("the demo calls", || {
        hub.scrape().sum("mcp_hub_requests_total", &[]) > 0.0
    });
    // Docker sends this signal, waits for ten seconds, and then kills.
    let asked = Instant::now();
    assert_eq!(hub.terminate().code(), Some(0));
    assert!(asked.elapsed().as_secs() < 10, "{:?}", asked.elapsed());
    assert!(hub.log().contains("SIGTERM"), "{}", hub.log());
}

/// A file of the kit, as data.
fn data(name: &str) -> Value {
    serde_saphyr::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A hub with the arguments of a container.
fn start(container: &Value, arguments: &str) -> Hub {
    let arguments = container[arguments].as_array().expect("arguments");
    let arguments: Vec<_> = arguments.iter().filter_map(Value::as_str).collect();
    Hub::start(&arguments)
}

#[test]
fn the_hub_takes_the_arguments_and_serves_the_paths_that_kubernetes_has() {
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
fn the_hub_takes_the_arguments_that_docker_compose_has() {
    let compose = data("compose.yml");
    let hub = start(&compose["services"]["hub"], "command");
    assert_eq!(http::get(hub.address, "/health").status, 200);
}

#[test]
fn the_image_s_port_is_the_hub_s_own() {
    let help = Hub::program()
        .arg("--help")
        .stdout(Stdio::piped())
        .output()
        .expect("it runs");
    let help = String::from_utf8(help.stdout).expect("text");
    for said in ["HUB_LISTEN", "127.0.0.1:7860", "--check-health"] {
        assert!(help.contains(said), "{help}");
    }
    let dockerfile = read("../hub/Dockerfile");
    assert!(
        dockerfile.contains("ENV HUB_LISTEN=0.0.0.0:7860\n"),
        "{dockerfile}"
    );
}
