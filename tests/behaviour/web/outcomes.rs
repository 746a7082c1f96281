//! Which responses are failures.

use axum::http::StatusCode;
use mcp_metrics::Outcome as _;
use mcp_metrics::web::HttpLayer;

use super::responses::Exchange;

/// Asserts the label of a response with this status.
#[track_caller]
fn assert(options: fn(HttpLayer) -> HttpLayer, code: u16, failure: Option<&str>) {
    let status = StatusCode::from_u16(code).expect("a status");
    let exchange = Exchange::new(&[]).exact().status(status).with(options);
    exchange.assert(0, false, failure);
}

#[test]
fn server_errors_are_failures_with_their_code() {
    for code in [200, 301, 400, 404, 429, 499] {
        assert(|layer| layer, code, None);
    }
    for code in [500, 503, 504, 599] {
        assert(|layer| layer, code, Some(&code.to_string()));
    }
    assert(|layer| layer, 600, None);
}

#[test]
fn predicate_of_the_status_decides_which_are_failures() {
    let options = |layer: HttpLayer| layer.error_if(|status| status.is_client_error());
    assert(options, 404, Some("404"));
    assert(options, 499, Some("499"));
    assert(options, 503, None);
}

#[test]
fn function_of_the_response_returns_the_label() {
    #[derive(Clone)]
    struct Degraded;

    let options = |layer: HttpLayer| {
        layer.failure_with(|response| match response.extensions.get() {
            Some(Degraded) => Some("Degraded".into()),
            None => response.status.failure(),
        })
    };
    assert(options, 200, None);
    assert(options, 503, Some("5xx"));
    let degraded = Exchange::new(&[]).extension(Degraded).with(options);
    degraded.assert(1, false, Some("Degraded"));
}

#[test]
fn last_of_both_rules_applies() {
    let options = |layer: HttpLayer| layer.failure_with(|_| None).error_if(|_| true);
    assert(options, 200, Some("200"));
    let options = |layer: HttpLayer| layer.error_if(|_| true).failure_with(|_| None);
    assert(options, 503, None);
}
