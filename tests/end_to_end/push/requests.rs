//! The requests of pushes, and retries by the status of the response.

use std::time::Duration;

use mcp_metrics::PushGateway;
use mcp_metrics_tests::{Scrape, eventually, log};

use super::{NEVER, OFTEN, build, pushes};
use crate::drive::StandIn;

#[test]
fn request_has_the_method_path_and_headers_of_a_push() {
    let gateway = StandIn::start(|_, _| OK);
    let url = format!("{}/prefix/", gateway.url());
    let (_, exporter) = build(PushGateway::new(url, "a job").interval(NEVER));
    exporter.shutdown();
    let [request] = &gateway.received()[..] else {
        panic!("one request");
    };
    assert_eq!(request.what, "PUT /prefix/metrics/job@base64/YSBqb2I=");
    assert_eq!(
        request.content_type.as_deref(),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    assert_eq!(request.authorization, None);
    assert!(request.body.ends_with('\n') && !Scrape::parse(&request.body).samples.is_empty());
}

const OK: Option<(&str, &str)> = Some(("200 OK", ""));
const BUSY: Option<(&str, &str)> = Some(("503 Service Unavailable", "later"));
const REJECTED: Option<(&str, &str)> = Some(("400 Bad Request", "a metric\nis \"wrong\""));

#[test]
fn overload_is_retried_and_rejection_is_not() {
    for busy in [BUSY, Some(("429 Too Many Requests", ""))] {
        let gateway = StandIn::start(move |_, before| if before < 2 { busy } else { OK });
        let (_, exporter) = build(PushGateway::new(gateway.url(), "busy").interval(NEVER));
        exporter.shutdown();
        assert_eq!(gateway.received().len(), 3);
        assert_eq!(pushes(&exporter, "success"), 1.0);
        assert_eq!(pushes(&exporter, "failure"), 0.0);
    }
    for rejected in [REJECTED, Some(("301 Moved Permanently", ""))] {
        let gateway = StandIn::start(move |_, _| rejected);
        let (_, exporter) = build(PushGateway::new(gateway.url(), "rejected").interval(NEVER));
        exporter.shutdown();
        assert_eq!(gateway.received().len(), 1);
        assert_eq!(pushes(&exporter, "failure"), 1.0);
    }
}

#[test]
fn rejected_push_is_retried_only_at_the_next_interval() {
    // The first backoff is at most one second.
    let interval = Duration::from_secs(3);
    for (answer, again) in [(REJECTED, false), (BUSY, true)] {
        let gateway = StandIn::start(move |_, _| answer);
        let (_, exporter) = build(PushGateway::new(gateway.url(), "periodic").interval(interval));
        eventually("two requests", || gateway.received().len() >= 2);
        let received = gateway.received();
        let apart = received[1].at - received[0].at;
        let within = apart + OFTEN < interval;
        assert_eq!(within, again, "{apart:?}");

        let log = log::lines(&gateway.address.to_string());
        assert_eq!(log.len(), 1, "{log:?}");
        if answer == REJECTED {
            assert!(log[0].starts_with("ERROR"), "{log:?}");
            // The body of the response, escaped, on one line.
            assert!(log[0].contains(r#""a metric\nis \"wrong\"""#), "{log:?}");
        }
        exporter.shutdown();
    }
}

#[test]
fn shutdown_during_backoff_pushes_a_last_time() {
    let gateway = StandIn::start(|_, before| if before == 0 { BUSY } else { OK });
    // A backoff of half a second to a second follows the first attempt.
    let (_, exporter) =
        build(PushGateway::new(gateway.url(), "prompt").interval(Duration::from_secs(2)));
    eventually("the first attempt", || gateway.received().len() == 1);
    exporter.shutdown();
    assert_eq!(gateway.received().len(), 2);
    assert_eq!(pushes(&exporter, "success"), 1.0);
}
