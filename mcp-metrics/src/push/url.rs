//! The URL of a group of metrics in a Pushgateway.
//!
//! Syntax: <https://github.com/prometheus/pushgateway#url>.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE;
use ureq::http::Uri;

use super::InvalidPushGateway;

/// Validates the gateway's URL and returns it without trailing slashes.
pub(super) fn base_url(url: &str) -> Result<String, InvalidPushGateway> {
    // Checked first, so that no other error message contains a password.
    if url.contains('@') {
        return Err(InvalidPushGateway::Credentials);
    }
    if url.contains(['?', '#']) {
        return Err(InvalidPushGateway::Query);
    }
    let invalid = || InvalidPushGateway::Url(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| invalid())?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") if cfg!(feature = "tls") => {}
        Some("https") => return Err(InvalidPushGateway::Tls),
        Some(scheme) => return Err(InvalidPushGateway::Scheme(scheme.to_owned())),
        None => return Err(invalid()),
    }
    let authority = uri.authority().ok_or_else(invalid)?;
    let port = authority.as_str().strip_prefix(authority.host());
    let port = port.ok_or_else(invalid)?;
    let port_is_valid = port.is_empty() || authority.port_u16().is_some_and(|port| port > 0);
    if authority.host().is_empty() || !port_is_valid {
        return Err(invalid());
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// Returns whether Prometheus accepts a name for a label.
pub(super) fn is_label_name(name: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_start)
        && !name.starts_with("__")
        && name.chars().all(|c| is_start(c) || c.is_ascii_digit())
}

/// Appends a label in the gateway's path syntax: in plain text if the value consists of unreserved
/// characters, which is readable, otherwise in base64.
pub(super) fn push_label(url: &mut String, name: &str, value: &str) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    // Clients and servers normalize path segments of dots.
    let plain = value.chars().all(is_plain) && !value.trim_matches('.').is_empty();
    let parts = if plain {
        ["/", name, "/", value].concat()
    } else {
        // The gateway reads `=` as an empty value; nothing at all would end the path in a slash.
        let encoded = match value {
            "" => "=".to_owned(),
            value => BASE64_URL_SAFE.encode(value),
        };
        ["/", name, "@base64/", &encoded].concat()
    };
    url.push_str(&parts);
}
