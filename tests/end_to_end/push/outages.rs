//! Gateways that are unreachable or do not respond.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mcp_metrics::{Exporter, PushGateway};
use mcp_metrics_tests::{Scrape, eventually, log};

use super::{NEVER, OFTEN, build, call, calls, pushes};
use crate::drive::{Pushgateway, StandIn, free_address};

/// The longest shutdown when the gateway does not respond: the documented five seconds, plus a
/// margin for a busy machine.
const BOUND: Duration = Duration::from_secs(9);

/// Shuts down and returns the duration.
fn shutdown(exporter: &Exporter) -> Duration {
    let started = Instant::now();
    exporter.shutdown();
    started.elapsed()
}

#[test]
fn unreachable_gateway_is_logged_once_per_outage() {
    let address = free_address().to_string();
    let url = format!("http://{address}");
    let (recorder, exporter) = build(PushGateway::new(&url, "late").interval(OFTEN));
    eventually("pushes fail", || {
        call(&recorder, "undisturbed", "run");
        pushes(&exporter, "failure") >= 3.0
    });
    let Some(gateway) = Pushgateway::start_at(&address, &[]) else {
        return;
    };
    let calls_now = || calls(&Scrape::parse(&exporter.render()), "undisturbed");
    eventually("the calls arrive", || {
        calls(&gateway.group(&[("job", "late")]), "undisturbed") == calls_now()
    });
    eventually("the recovery is logged", || {
        log::lines("push recovered")
            .iter()
            .any(|line| line.contains(&address))
    });
    drop(gateway);
    let before = pushes(&exporter, "failure");
    eventually("pushes fail again", || {
        call(&recorder, "undisturbed", "run");
        pushes(&exporter, "failure") >= before + 3.0
    });
    let levels: Vec<_> = log::lines(&address)
        .iter()
        .map(|line| line.split(' ').next().expect("a level").to_owned())
        .collect();
    assert_eq!(levels, ["WARN", "INFO", "WARN"]);

    assert!(shutdown(&exporter) < BOUND);
    let log = log::lines(&address);
    let last = log.last().expect("a line");
    assert!(
        last.starts_with("ERROR") && last.contains("last push"),
        "{last}"
    );
}

#[test]
fn unresponsive_gateway_does_not_block_requests_or_shutdown() {
    for interval in [NEVER, OFTEN] {
        let gateway = StandIn::start(|_, _| None);
        let (recorder, exporter) =
            build(PushGateway::new(gateway.url(), "hung").interval(interval));
        if interval == OFTEN {
            eventually("a push is in flight", || !gateway.received().is_empty());
        }
        let over = Arc::new(AtomicBool::new(false));
        let calling = {
            let (recorder, over) = (recorder.clone(), Arc::clone(&over));
            thread::spawn(move || {
                let mut longest = Duration::ZERO;
                while !over.load(Ordering::Relaxed) {
                    let started = Instant::now();
                    call(&recorder, "undisturbed", "run");
                    longest = longest.max(started.elapsed());
                    thread::yield_now();
                }
                longest
            })
        };
        let took = shutdown(&exporter);
        over.store(true, Ordering::Relaxed);
        assert!(took < BOUND, "{took:?}");
        let longest = calling.join().expect("calls do not panic");
        assert!(longest < Duration::from_secs(1), "{longest:?}");
        assert!(calls(&Scrape::parse(&exporter.render()), "undisturbed") > 0.0);
        assert_eq!(pushes(&exporter, "success"), 0.0);
        assert!(pushes(&exporter, "failure") >= 1.0);
    }
}

#[test]
fn gateway_that_does_not_accept_connections_does_not_block_shutdown() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let (_, exporter) = build(PushGateway::new(url, "deaf").interval(NEVER));
    let took = shutdown(&exporter);
    assert!(took < BOUND, "{took:?}");
}
