//! Renders of concurrent scrapes, and hooks that hang or panic.

use std::collections::HashSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use crate::serve;
use mcp_metrics_tests::{PROVOKED, Scrape, eventually, http, quiet_panics};

#[test]
fn concurrent_scrapes_share_one_render() {
    let (release, gate) = mpsc::channel::<()>();
    let (gate, hold) = (Mutex::new(gate), AtomicBool::new(true));
    let renders = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&renders);
    let (exporter, address) = serve(|builder| {
        builder.on_scrape(move || {
            if thread::current().name() == Some("mcp-metrics-render") {
                count.fetch_add(1, Ordering::Relaxed);
                if hold.swap(false, Ordering::Relaxed) {
                    let _ = gate.lock().unwrap().recv();
                }
            }
        })
    });
    let bodies: HashSet<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..32)
            .map(|_| scope.spawn(|| http::get(address, "/metrics").body))
            .collect();
        eventually("all scrapes are in flight", || {
            let scrape = Scrape::parse(&exporter.render());
            scrape.get("mcp_metrics_scrapes_in_flight", &[]) == Some(32.0)
        });
        release.send(()).unwrap();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    assert_eq!(bodies.len(), 1);
    assert_eq!(renders.load(Ordering::Relaxed), 1);
    // A later scrape begins a new render.
    assert_eq!(http::get(address, "/metrics").status, 200);
    assert_eq!(renders.load(Ordering::Relaxed), 2);
    let scrape = Scrape::parse(&exporter.render());
    assert_eq!(
        scrape.value("mcp_metrics_scrapes_total", &[("code", "200")]),
        33.0
    );
    assert_eq!(
        scrape.value("mcp_metrics_scrape_duration_seconds_count", &[]),
        33.0
    );
    assert_eq!(scrape.value("mcp_metrics_scrapes_in_flight", &[]), 0.0);
    exporter.shutdown();
}

#[test]
fn hanging_hook_does_not_block_health() {
    let (release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let (exporter, address) = serve(|builder| {
        builder.on_scrape(move || {
            if thread::current().name() == Some("mcp-metrics-render") {
                let _ = gate.lock().unwrap().recv();
            }
        })
    });
    for _ in 0..20 {
        let mut stream = http::connect(address);
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
            .unwrap();
    }
    for _ in 0..20 {
        assert_eq!(http::get(address, "/health").status, 200);
    }
    drop(release);
    assert_eq!(http::get(address, "/metrics").status, 200);
    exporter.shutdown();
}

#[test]
fn panicking_hook_is_counted_and_the_scrape_succeeds() {
    quiet_panics();
    let (exporter, address) =
        serve(|builder| builder.on_scrape(|| std::panic::panic_any(PROVOKED)));
    for n in 1..=3 {
        let response = http::get(address, "/metrics");
        assert_eq!(response.status, 200);
        let panics = Scrape::parse(&response.body).value("mcp_metrics_hook_panics_total", &[]);
        assert_eq!(panics, f64::from(n));
    }
    exporter.shutdown();
}

#[test]
fn shutdown_does_not_wait_for_a_hanging_hook() {
    let (_release, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let (exporter, address) = serve(|builder| {
        builder.on_scrape(move || {
            if thread::current().name() == Some("mcp-metrics-render") {
                let _ = gate.lock().unwrap().recv();
            }
        })
    });
    let mut stream = http::connect(address);
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
        .unwrap();
    eventually("the scrape is in flight", || {
        let scrape = Scrape::parse(&exporter.render());
        scrape.get("mcp_metrics_scrapes_in_flight", &[]) == Some(1.0)
    });
    // On a thread of its own: if it waited for the hook, it would not return.
    let (done, returned) = mpsc::channel();
    let shut_down = exporter.clone();
    thread::spawn(move || {
        shut_down.shutdown();
        done.send(()).unwrap();
    });
    let returned = returned.recv_timeout(std::time::Duration::from_secs(45));
    returned.expect("`shutdown` returns although the hook hangs");
    assert!(std::net::TcpStream::connect(address).is_err());
    assert!(exporter.render().contains("mcp_hub_app_info"));
}
