//! What the hub's image relies on: an address from the environment, a check of its health, and an
//! end when it is told to.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    thread,
    time::Instant,
};

use mcp_metrics_tests::{eventually, http};

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
