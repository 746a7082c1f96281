//! The hub's log on a successful and on a failed start.

use mcp_metrics_tests::{eventually, http};

use crate::drive::{Hub, METRICS_PATHS, Process};

#[test]
fn startup_log_has_the_metrics_urls() {
    let hub = Hub::start(&[]);
    for path in METRICS_PATHS {
        let url = format!("http://{}{path}", hub.address);
        eventually(&format!("{url} is logged"), || hub.log().contains(&url));
    }
    assert_eq!(http::get(hub.address, "/health").status, 200);
}

#[test]
fn port_in_use_is_an_error_with_the_address() {
    let hub = Hub::start(&[]);
    let address = hub.address.to_string();
    let mut second = Process::start("the second hub", &mut Hub::command(&address, &[]));
    let status = second.wait();
    assert_eq!(status.code(), Some(1));
    let log = second.log();
    assert!(log.contains(&address) && log.contains("in use"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    assert_eq!(
        http::get(hub.address, "/health").status,
        200,
        "the first hub still serves requests"
    );
}
