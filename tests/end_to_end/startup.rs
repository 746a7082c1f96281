//! What the hub says when it starts, and when it can't.

use mcp_metrics_tests::{eventually, http};

use crate::drive::{Hub, METRICS_PATHS, Process};

#[test]
fn the_log_says_what_to_open() {
    let hub = Hub::start(&[]);
    for path in METRICS_PATHS {
        let url = format!("http://{}{path}", hub.address);
        eventually(&format!("{url} is logged"), || hub.log().contains(&url));
    }
    assert_eq!(http::get(hub.address, "/health").status, 200);
}

#[test]
fn a_port_in_use_is_an_error_that_names_the_address() {
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
        "the first hub is as it was"
    );
}
