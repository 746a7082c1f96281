//! Checks and normalizes requests of the listener before they are routed.

use axum::body::Body;
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, Version, header};
use axum::response::{IntoResponse as _, Response};

/// Checks a request and normalizes its path.
///
/// # Errors
///
/// The reason to refuse the request with [`bad_request`]: HTTP/1.1 requires exactly one valid
/// `Host` (RFC 9112, section 3.2).
pub(super) fn check<B>(request: &mut Request<B>) -> Result<(), &'static str> {
    if request.version() == Version::HTTP_11 {
        check_host(request.headers())?;
    }
    if let Some(uri) = normalized(request.uri()) {
        *request.uri_mut() = uri;
    }
    Ok(())
}

fn check_host(headers: &HeaderMap) -> Result<(), &'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, other) = (hosts.next(), hosts.next());
    let host = host.ok_or("missing header `Host`\n")?;
    if other.is_some() {
        return Err("expected one header `Host`, found several\n");
    }
    if is_host(host) {
        Ok(())
    } else {
        Err("invalid header `Host`\n")
    }
}

/// Returns whether the value is a host with an optional port, or empty.
fn is_host(value: &HeaderValue) -> bool {
    let value = value.as_bytes();
    value.is_empty()
        || !value.contains(&b'@')
            && Authority::try_from(value).is_ok_and(|host| !host.host().is_empty())
}

/// Returns a response with status 400 that closes the connection.
pub(super) fn bad_request(reason: &'static str) -> Response {
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (StatusCode::BAD_REQUEST, close, Body::from(reason)).into_response()
}

/// Returns the URI without repeated and trailing slashes, which remain where a base URL and a path
/// are joined: `//metrics`, `/metrics/`. Returns `None` if there are none.
fn normalized(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if path == "/" || !(path.contains("//") || path.ends_with('/')) {
        return None;
    }
    let mut text = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        text.push('/');
        text.push_str(segment);
    }
    if text.is_empty() {
        text.push('/');
    }
    if let Some(query) = uri.query() {
        text.push('?');
        text.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_and_trailing_slashes_are_removed() {
        for (given, expected) in [
            ("//metrics", "/metrics"),
            ("/metrics/", "/metrics"),
            ("///metrics//?x=//", "/metrics?x=//"),
            (
                "/api//get_prometheus_metrics_service/",
                "/api/get_prometheus_metrics_service",
            ),
            ("//", "/"),
            ("http://hub//metrics/", "http://hub/metrics"),
        ] {
            let uri = Uri::from_static(given);
            assert_eq!(normalized(&uri).unwrap(), expected, "{given}");
        }
        for unchanged in ["/", "/metrics", "/metrics?x=/", "*"] {
            assert_eq!(
                normalized(&Uri::from_static(unchanged)),
                None,
                "{unchanged}"
            );
        }
    }

    #[test]
    fn host_is_a_name_or_an_address_with_an_optional_port() {
        for valid in [
            "",
            "hub",
            "hub:7860",
            "a_b.example",
            "10.0.0.7:80",
            "[::1]:7860",
        ] {
            assert!(is_host(&HeaderValue::from_static(valid)), "{valid}");
        }
        for invalid in ["a b", "user@hub", "hub/path", "http://hub", ":80", "[::1"] {
            assert!(!is_host(&HeaderValue::from_static(invalid)), "{invalid}");
        }
    }
}
