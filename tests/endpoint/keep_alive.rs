//! Deadlines of connections: silent, slow, idle, and waiting for a hook.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::connections::{KeptAlive, is_closed};
use crate::serve;
use mcp_metrics_tests::{Scrape, http};

const SHORT: Duration = Duration::from_millis(200);

/// Sends bytes one by one until the server closes the connection. Returns whether it did.
fn trickle(stream: &mut TcpStream) -> bool {
    let start = b"GET /metrics HTTP/1.1\r\nX: ".iter();
    for byte in start.chain(std::iter::repeat(&b'x')).take(1_000) {
        if stream.write_all(&[*byte]).is_err() {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn silent_and_slow_clients_are_disconnected_at_the_timeout() {
    let (exporter, address) = serve(|builder| builder.http_timeout(SHORT));
    let mut silent = http::connect(address);
    assert!(trickle(&mut http::connect(address)));
    assert!(is_closed(&mut silent));
    // Also with the second request of a connection.
    let mut second = KeptAlive::new(address);
    assert!(second.is_answered());
    assert!(trickle(&mut second.0));
    assert_eq!(http::get(address, "/metrics").status, 200);
    exporter.shutdown();
}

#[test]
fn idle_connection_outlives_the_http_timeout() {
    let (exporter, address) = serve(|builder| builder.http_timeout(SHORT));
    let mut idle = KeptAlive::new(address);
    for _ in 0..3 {
        assert!(idle.is_answered());
        thread::sleep(2 * SHORT);
    }
    assert!(idle.is_answered());
    exporter.shutdown();
}

#[test]
fn idle_connection_is_kept_longer_than_an_equal_scrape_interval() {
    let interval = Duration::from_millis(500);
    let (exporter, address) = serve(|builder| builder.keep_alive_timeout(interval));
    let mut idle = KeptAlive::new(address);
    // Before the request, so that delays of this thread do not count.
    let began = Instant::now();
    assert!(idle.is_answered());
    assert!(is_closed(&mut idle.0));
    assert!(began.elapsed() >= interval * 11 / 10);
    exporter.shutdown();
}

#[test]
fn zero_keep_alive_timeout_closes_after_each_response() {
    let (exporter, address) = serve(|builder| builder.keep_alive_timeout(Duration::ZERO));
    let mut connection = KeptAlive::new(address);
    assert!(connection.is_answered());
    assert!(is_closed(&mut connection.0));
    exporter.shutdown();
}

#[test]
fn longest_timeouts_are_valid() {
    let (exporter, address) = serve(|builder| {
        let builder = builder.keep_alive_timeout(Duration::MAX);
        builder.http_timeout(Duration::MAX)
    });
    let mut connection = KeptAlive::new(address);
    assert!(connection.is_answered());
    assert!(connection.is_answered());
    exporter.shutdown();
}

#[test]
fn scrape_with_a_hanging_hook_gets_status_503_at_the_timeout() {
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let (exporter, address) = serve(|builder| {
        builder
            .http_timeout(SHORT)
            .status_page()
            .on_scrape(move || {
                if thread::current().name() == Some("mcp-metrics-render") {
                    let _ = gate.lock().unwrap().recv();
                }
            })
    });
    for path in ["/metrics", "/api/metrics_summary", "/metrics"] {
        let response = http::get(address, path);
        assert_eq!(response.status, 503, "{path}");
        assert!(response.body.contains("timed out"), "{}", response.body);
    }
    let scrape = Scrape::parse(&exporter.render());
    let code = [("code", "503")];
    assert_eq!(scrape.value("mcp_metrics_scrapes_total", &code), 2.0);
    drop(release);
    assert_eq!(http::get(address, "/metrics").status, 200);
    exporter.shutdown();
}
