//! Exact counts under load: clients that call, cancel and disconnect, during scrapes.

// The handler of the matrix tests.
#[path = "../mcp_server/calls.rs"]
mod calls;
#[path = "../mcp_server/handler.rs"]
mod handler;
#[path = "../mcp_server/tools.rs"]
mod tools;

mod load;

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mcp_metrics_tests::{Scrape, eventually, exporter, http};

const CLIENTS: usize = 8;
const SCRAPERS: usize = 2;
const SCRAPE_PAUSE: Duration = Duration::from_millis(20);

const DURATION: &str = "mcp_server_operation_duration_seconds_count";
const ACTIVE: &str = "mcp_server_active_requests";

/// Returns the number of calls of each client: fewer in a plain `cargo test`.
fn calls_per_client() -> usize {
    match env::var("MCP_METRICS_TESTS_CALLS") {
        Ok(calls) => calls.parse().expect("a number of calls"),
        Err(_) if env::var_os("MCP_METRICS_TESTS_REQUIRE").is_some() => 10_000,
        Err(_) => 500,
    }
}

fn scrape() -> Scrape {
    let address = exporter().local_addr().expect("a listener");
    let text = http::get(address, "/metrics").body;
    // Buckets would take most of the time.
    let lines = text.lines().filter(|line| !line.contains("_bucket{"));
    Scrape::parse(&lines.collect::<Vec<_>>().join("\n"))
}

/// Scrapes in a loop until `done` is set, and checks that counts only increase.
fn check_until(done: &AtomicBool) -> usize {
    let (mut scrapes, mut before) = (0, 0.0);
    while !done.load(Ordering::Relaxed) {
        let now = scrape();
        let ended = now.sum(DURATION, &[]);
        assert!(ended >= before, "{ended} after {before}");
        assert!(now.sum(ACTIVE, &[]) >= 0.0);
        before = ended;
        scrapes += 1;
        // Leaves time for the clients.
        thread::sleep(SCRAPE_PAUSE);
    }
    scrapes
}

#[test]
fn counts_are_exact_under_load() {
    let calls = calls_per_client();
    exporter();
    let done = AtomicBool::new(false);
    let (made, scrapes) = thread::scope(|scope| {
        let scrapers: Vec<_> = (0..SCRAPERS)
            .map(|_| scope.spawn(|| check_until(&done)))
            .collect();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let made = runtime.block_on(load::run(CLIENTS, calls));
        eventually("no session is open", || {
            scrape().sum("mcp_server_active_sessions", &[]) == 0.0
        });
        runtime.shutdown_timeout(Duration::from_secs(10));
        done.store(true, Ordering::Relaxed);
        let joined = scrapers.into_iter().map(|it| it.join().expect("no panic"));
        (made, joined.collect::<Vec<_>>())
    });
    assert!(scrapes.iter().all(|scrapes| *scrapes > 1), "{scrapes:?}");

    let scrape = scrape();
    let ended = |labels: &[(&str, &str)]| {
        let common = [
            ("mcp_method_name", "tools/call"),
            ("network_transport", "pipe"),
        ];
        scrape.value(DURATION, &[&common, labels].concat())
    };
    let tool = |name| ("gen_ai_tool_name", name);
    let error = |name| ("error_type", name);
    assert_eq!(ended(&[tool("fast")]), made.fast);
    assert_eq!(ended(&[tool("fails"), error("tool_error")]), made.fails);
    assert_eq!(ended(&[error("-32602")]), made.unknown);
    let cancelled = [tool("cancellable"), error("cancelled")];
    assert_eq!(ended(&cancelled), made.cancelled);
    assert_eq!(
        ended(&[tool("deaf"), error("cancelled")]),
        made.disconnected
    );
    let calls = scrape.sum(DURATION, &[("mcp_method_name", "tools/call")]);
    assert_eq!(calls, made.calls());
    assert_eq!(
        scrape.value("mcp_server_unknown_tool_calls_total", &[]),
        made.unknown
    );
    assert_eq!(scrape.sum(ACTIVE, &[]), 0.0);
    assert_eq!(scrape.sum("mcp_server_active_sessions", &[]), 0.0);
    assert_eq!(scrape.sum("mcp_server_sessions_total", &[]), made.sessions);
    let sessions = scrape.sum("mcp_server_session_duration_seconds_count", &[]);
    assert_eq!(sessions, made.sessions);
}
