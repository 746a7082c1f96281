//! Bodies of responses: unchanged, and each ends its request exactly once.

use axum::http::{Method, StatusCode, Version};
use http_body::Body as _;
use mcp_metrics::testing::record;
use mcp_metrics::web::{HttpLayer, ResponseBody, is_event_stream};

use super::responses::Exchange;
use super::responses::Step::{Data, Error, Panic, Pending, Trailers};
use super::responses::poll;

const CANCELLED: Option<&str> = Some("cancelled");
const IN_FLIGHT: bool = true;
const ENDED: bool = false;

#[test]
fn response_is_unchanged() {
    let steps = [Data("ab"), Pending, Data("c"), Trailers, Error];
    for is_exact in [false, true] {
        let new = |options: fn(HttpLayer) -> HttpLayer| {
            let exchange = Exchange::new(&steps)
                .status(StatusCode::SERVICE_UNAVAILABLE)
                .content_type("text/plain")
                .extension("kept")
                .with(options);
            if is_exact { exchange.exact() } else { exchange }
        };
        let options: [fn(HttpLayer) -> HttpLayer; 4] = [
            |layer| layer,
            HttpLayer::end_at_headers,
            |layer| layer.ok_if_dropped(|_| true).failure_with(|_| None),
            |layer| layer.exclude_if(|_| true),
        ];
        for options in options {
            let (mut expected, mut actual) = (new(options).prepared(), new(options).run());
            assert_eq!(actual.status(), expected.status());
            assert_eq!(actual.version(), Version::HTTP_11);
            assert_eq!(actual.headers(), expected.headers());
            assert_eq!(actual.extensions().get(), Some(&"kept"));
            let (actual, expected) = (actual.body_mut(), expected.body_mut());
            for _ in 0..=steps.len() {
                assert_eq!(actual.is_end_stream(), expected.is_end_stream());
                assert_eq!(actual.size_hint().exact(), expected.size_hint().exact());
                let polled = (poll(actual), poll(expected));
                assert_eq!(format!("{:?}", polled.0), format!("{:?}", polled.1));
            }
        }
    }
}

#[test]
fn body_that_ends_is_a_success() {
    Exchange::new(&[]).assert(1, ENDED, None);
    Exchange::new(&[Data("text"), Pending, Trailers]).assert(4, ENDED, None);
    Exchange::new(&[Data("text")])
        .exact()
        .assert(1, ENDED, None);
    // Servers may drop the rest once they have sent the length of the header.
    let body = Exchange::new(&[Data("te"), Data("xt"), Pending]);
    body.length(4).assert(2, ENDED, None);
}

#[test]
fn response_without_a_body_ends_with_its_headers() {
    Exchange::new(&[]).exact().assert(0, ENDED, None);
    Exchange::new(&[]).length(0).assert(0, ENDED, None);
    let body = || Exchange::new(&[Data("text")]);
    body().method(Method::HEAD).assert(0, ENDED, None);
    body().method(Method::CONNECT).assert(0, ENDED, None);
    for code in [101, 204, 304] {
        let status = StatusCode::from_u16(code).expect("a status");
        body().status(status).assert(0, ENDED, None);
    }
    let refused = body().method(Method::CONNECT).status(StatusCode::FORBIDDEN);
    refused.assert(0, IN_FLIGHT, CANCELLED);
}

#[test]
fn body_that_is_dropped_before_its_end_is_cancelled() {
    Exchange::new(&[]).assert(0, IN_FLIGHT, CANCELLED);
    Exchange::new(&[Data("text")]).assert(1, IN_FLIGHT, CANCELLED);
    Exchange::new(&[Data("text"), Pending]).assert(2, IN_FLIGHT, CANCELLED);
    Exchange::new(&[Data("te"), Pending])
        .length(4)
        .assert(2, IN_FLIGHT, CANCELLED);
    let events = Exchange::new(&[Data("data: 1\n\n"), Pending]);
    events
        .content_type("text/event-stream")
        .assert(2, IN_FLIGHT, CANCELLED);
}

#[test]
fn body_that_fails_is_a_failure_with_the_name_of_its_error() {
    Exchange::new(&[Data("text"), Error]).assert(2, ENDED, Some("Broken"));
    // Polled after the error, and dropped.
    Exchange::new(&[Error, Data("text")]).assert(2, ENDED, Some("Broken"));
}

#[test]
fn body_that_panics_is_a_failure() {
    Exchange::new(&[Data("text"), Panic]).assert(2, ENDED, Some("panic"));
    Exchange::new(&[Panic, Data("text")]).assert(2, ENDED, Some("panic"));
}

#[test]
fn failed_response_keeps_its_label_whatever_happens_to_the_body() {
    let failed = |steps: &[_]| Exchange::new(steps).status(StatusCode::BAD_GATEWAY);
    failed(&[Data("text")]).assert(2, ENDED, Some("502"));
    failed(&[Data("text"), Pending]).assert(2, IN_FLIGHT, Some("502"));
    failed(&[Data("text"), Error]).assert(2, ENDED, Some("502"));
    failed(&[]).exact().assert(0, ENDED, Some("502"));
    let failed = failed(&[Pending]).with(|layer| layer.ok_if_dropped(|_| true));
    failed.assert(1, IN_FLIGHT, Some("502"));
}

#[test]
fn dropped_body_that_may_end_early_is_a_success() {
    let events = |content_type, steps: &[_]| {
        let exchange = Exchange::new(steps).content_type(content_type);
        exchange.with(|layer| layer.ok_if_dropped(is_event_stream))
    };
    let endless = [Data("data: 1\n\n"), Pending];
    events("text/event-stream", &endless).assert(2, IN_FLIGHT, None);
    events("Text/Event-Stream; charset=utf-8", &endless).assert(0, IN_FLIGHT, None);
    events("text/plain", &endless).assert(2, IN_FLIGHT, CANCELLED);
    events("text/event-stream", &[Error]).assert(1, ENDED, Some("Broken"));
    mcp_metrics_tests::quiet_panics();
    events("text/event-stream", &[Panic]).assert(1, ENDED, Some("panic"));
}

#[test]
fn request_that_ends_at_the_headers_ignores_the_body() {
    for steps in [&[Data("text"), Pending][..], &[Error], &[Panic]] {
        let exchange = Exchange::new(steps).with(HttpLayer::end_at_headers);
        exchange.assert(2, ENDED, None);
    }
    let failed = Exchange::new(&[Pending]).status(StatusCode::INTERNAL_SERVER_ERROR);
    failed
        .with(HttpLayer::end_at_headers)
        .assert(1, ENDED, Some("500"));
}

#[test]
fn default_body_is_not_recorded() {
    let ((), metrics) = record(|| drop(ResponseBody::<String>::default()));
    assert_eq!(metrics.to_string(), record(|| ()).1.to_string());
}
