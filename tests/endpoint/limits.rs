//! The listener's limits: slow, silent, numerous and malformed clients.

use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::connections::{KeptAlive, is_closed};
use crate::serve;
use mcp_metrics::{Exporter, InstallError, track_request};
use mcp_metrics_tests::{Scrape, eventually, http};

#[test]
fn silent_connections_are_evicted_at_the_limit() {
    let (exporter, address) = serve(|builder| builder.max_connections(8));
    let mut scraper = KeptAlive::new(address);
    assert!(scraper.is_answered());
    // Far more than the limit, without a complete request.
    let mut silent: Vec<TcpStream> = (0..100)
        .map(|n| {
            let mut stream = http::connect(address);
            if n % 2 == 0 {
                stream.write_all(b"GET /metr").unwrap();
            }
            stream
        })
        .collect();
    assert_eq!(http::get(address, "/metrics").status, 200);
    // The oldest silent connection was evicted, not one that has sent a request.
    assert!(is_closed(&mut silent[0]));
    assert!(scraper.is_answered());
    drop(silent);
    assert_eq!(http::get(address, "/metrics").status, 200);
    exporter.shutdown();
}

#[test]
fn unread_response_is_aborted_at_the_timeout() {
    // Longer than the render, which would otherwise be answered with 503.
    let timeout = Duration::from_secs(3);
    let builder = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .http_timeout(timeout)
        .label_limit(1_000_000);
    let (recorder, exporter) = builder.build().unwrap();
    let address = exporter.local_addr().unwrap();
    // Exceeds the socket buffers.
    metrics::with_local_recorder(&recorder, || {
        for n in 0..20_000 {
            metrics::counter!("large", "n" => n.to_string(), "x" => "x".repeat(1_000)).increment(1);
        }
    });
    let mut stream = http::connect(address);
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
        .unwrap();
    let whole = exporter.render().len();
    let begins = || {
        let mut first = [0; 1];
        matches!(stream.peek(&mut first), Ok(1)) && http::get(address, "/health").status == 200
    };
    eventually("the response begins", begins);
    // The client cannot observe the timeout without reading.
    thread::sleep(2 * timeout);
    let mut taken = Vec::new();
    let _ = stream.read_to_end(&mut taken);
    assert!(taken.starts_with(b"HTTP/1.1 200"));
    assert!(taken.len() < whole, "{} of {whole} bytes", taken.len());
    exporter.shutdown();
}

#[test]
fn malformed_and_oversized_requests_are_refused() {
    let (exporter, address) = serve(|builder| builder);
    let answer = |request: &[u8]| {
        let mut stream = http::connect(address);
        // The server may respond and close before it has read everything.
        let _ = stream.write_all(request);
        let mut answer = [0; 12];
        match stream.read(&mut answer) {
            Ok(read) => String::from_utf8_lossy(&answer[..read]).into_owned(),
            Err(_) => String::new(),
        }
    };
    let huge = format!(
        "GET /metrics HTTP/1.1\r\nX: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    assert_eq!(answer(huge.as_bytes()), "HTTP/1.1 431");
    let many = format!("GET /metrics HTTP/1.1\r\n{}\r\n", "X: x\r\n".repeat(1_000));
    assert_eq!(answer(many.as_bytes()), "HTTP/1.1 431");
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000));
    assert!(answer(long.as_bytes()).starts_with("HTTP/1.1 4"));
    assert_eq!(answer(b"nonsense\r\n\r\n"), "HTTP/1.1 400");
    // The start of a TLS ClientHello.
    assert_eq!(
        answer(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        "HTTP/1.1 400"
    );
    assert_eq!(http::get(address, "/metrics").status, 200);
    exporter.shutdown();
}

#[test]
fn misbehaving_clients_lose_no_recordings() {
    const CALLS: u32 = 20_000;
    let builder = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .max_connections(16)
        .http_timeout(Duration::from_millis(100));
    let (recorder, exporter) = builder.build().unwrap();
    let address = exporter.local_addr().unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for n in 0..6 {
            let done = &done;
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    // Connection errors are expected here.
                    let Ok(mut stream) = TcpStream::connect(address) else {
                        continue;
                    };
                    let request: &[u8] = match n {
                        0 => b"",
                        1 => b"GET /metrics HTTP/1.1\r\nHost: te",
                        2 => b"\xff\xfe\r\n\r\n",
                        _ => b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n",
                    };
                    let _ = stream.write_all(request);
                    if n > 3 {
                        let _ = stream.read(&mut [0; 100]);
                    }
                }
            });
        }
        let tracked: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    metrics::with_local_recorder(&recorder, || {
                        for _ in 0..CALLS {
                            track_request("storm", "call").run(|| ());
                        }
                    });
                })
            })
            .collect();
        for thread in tracked {
            thread.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    let response = http::get(address, "/metrics");
    assert_eq!(response.status, 200);
    Scrape::parse(&response.body)
        .requests("storm", "call")
        .assert(2 * CALLS, &[]);
    exporter.shutdown();
}

#[test]
fn zero_limits_are_install_errors() {
    let listen = || Exporter::builder().listen(([127, 0, 0, 1], 0));
    for builder in [
        listen().max_connections(0),
        listen().http_timeout(Duration::ZERO),
    ] {
        let error = builder.build().unwrap_err();
        assert!(matches!(error, InstallError::Limits { .. }), "{error}");
    }
}
