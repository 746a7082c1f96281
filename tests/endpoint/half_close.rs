//! Clients that close their sending direction after the request, and clients that leave.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use crate::connections::{KeptAlive, SCRAPE, is_closed};
use crate::serve;
use mcp_metrics::Exporter;
use mcp_metrics_tests::{Scrape, eventually, http};

/// Sends a request and closes the sending direction.
fn half_closed(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = http::connect(address);
    stream.write_all(request).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> String {
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    String::from_utf8_lossy(&response).into_owned()
}

fn assert_answered(answer: &str) {
    assert!(answer.starts_with("HTTP/1."), "{answer:?}");
    assert!(answer.contains(" 200 OK\r\n"), "{answer:?}");
    assert!(answer.contains("mcp_hub_app_info{"), "{answer:?}");
}

/// Builds an exporter whose scrapes wait in a hook until the sender is dropped.
fn with_gate(
    configure: impl FnOnce(mcp_metrics::ExporterBuilder) -> mcp_metrics::ExporterBuilder,
) -> (Exporter, SocketAddr, mpsc::Sender<()>) {
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let (exporter, address) = serve(|builder| {
        // Longer than the clients of this test wait.
        let builder = configure(builder).http_timeout(Duration::from_secs(1_000));
        builder.on_scrape(move || {
            if thread::current().name() == Some("mcp-metrics-render") {
                let _ = gate.lock().unwrap().recv();
            }
        })
    });
    (exporter, address, release)
}

fn in_flight(exporter: &Exporter) -> f64 {
    let scrape = Scrape::parse(&exporter.render());
    let value = scrape.get("mcp_metrics_scrapes_in_flight", &[]);
    value.unwrap_or(0.0)
}

#[test]
fn half_closed_clients_are_answered() {
    let (exporter, address) = serve(|builder| builder);
    for _ in 0..100 {
        assert_answered(&answer(half_closed(address, SCRAPE)));
    }
    for request in [
        "GET /metrics HTTP/1.0\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n",
        "GET /api/get_prometheus_metrics_service HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        assert_answered(&answer(half_closed(address, request.as_bytes())));
    }
    // Two requests in one segment are both answered.
    let both = answer(half_closed(address, &SCRAPE.repeat(2)));
    assert_eq!(both.matches(" 200 OK\r\n").count(), 2, "{both}");
    exporter.shutdown();
}

#[test]
fn half_closed_client_is_answered_after_a_slow_hook() {
    let (exporter, address, release) = with_gate(|builder| builder);
    let clients: Vec<_> = (0..5).map(|_| half_closed(address, SCRAPE)).collect();
    eventually("the scrapes are in flight", || in_flight(&exporter) == 5.0);
    drop(release);
    for client in clients {
        assert_answered(&answer(client));
    }
    exporter.shutdown();
}

#[test]
fn half_closed_idle_connection_is_closed() {
    let (exporter, address) = serve(|builder| builder);
    let mut connection = KeptAlive::new(address);
    assert!(connection.is_answered());
    connection.0.shutdown(Shutdown::Write).unwrap();
    assert!(is_closed(&mut connection.0));
    // One that ends in the middle of a request.
    assert_eq!(answer(half_closed(address, b"GET /metr")), "");
    exporter.shutdown();
}

#[test]
fn clients_that_left_during_a_hanging_hook_are_evicted_at_the_limit() {
    let (exporter, address, release) = with_gate(|builder| builder.max_connections(4));
    // They leave while their scrape is in flight, then immediately.
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = http::connect(address);
            stream.write_all(SCRAPE).unwrap();
            stream
        })
        .collect();
    eventually("the scrapes are in flight", || in_flight(&exporter) == 4.0);
    drop(clients);
    assert_eq!(http::get(address, "/health").status, 200);
    for _ in 0..20 {
        http::connect(address).write_all(SCRAPE).unwrap();
    }
    assert_eq!(http::get(address, "/health").status, 200);
    drop(release);
    assert_eq!(http::get(address, "/metrics").status, 200);
    eventually("no scrape is in flight", || in_flight(&exporter) == 0.0);
    exporter.shutdown();
}

#[test]
fn waiting_client_is_not_evicted_for_new_ones() {
    let (exporter, address, release) = with_gate(|builder| builder.max_connections(3));
    let mut waiting = http::connect(address);
    waiting.write_all(SCRAPE).unwrap();
    eventually("the scrape is in flight", || in_flight(&exporter) == 1.0);
    for _ in 0..10 {
        let mut leaving = http::connect(address);
        leaving.write_all(SCRAPE).unwrap();
        drop(leaving);
        assert_eq!(http::get(address, "/health").status, 200);
    }
    drop(release);
    waiting.shutdown(Shutdown::Write).unwrap();
    assert_answered(&answer(waiting));
    exporter.shutdown();
}
