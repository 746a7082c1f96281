//! Labels of reqwest's errors.

use std::borrow::Cow;

use reqwest::Error;

use super::ErrorType;

/// The label is the first of these that applies: `Timeout`, `Connect`, `4xx`, `5xx`,
/// `Redirect`, `Decode`, `Body`, `Request`, `Upgrade` or `Builder`.
///
/// ```
/// use mcp_metrics::ErrorType;
///
/// let error = reqwest::Proxy::all("not a proxy").unwrap_err();
/// assert_eq!(error.error_type(), "Builder");
/// ```
impl ErrorType for Error {
    fn error_type(&self) -> Cow<'static, str> {
        // The cause of an error takes precedence over the phase in which it occurred.
        let class = if self.is_timeout() {
            "Timeout"
        } else if is_connect(self) {
            "Connect"
        } else if let Some(status) = self.status() {
            if status.is_server_error() {
                "5xx"
            } else {
                "4xx"
            }
        } else if self.is_redirect() {
            "Redirect"
        } else if self.is_decode() {
            "Decode"
        } else if self.is_body() {
            "Body"
        } else if self.is_request() {
            "Request"
        } else if self.is_upgrade() {
            "Upgrade"
        } else if self.is_builder() {
            "Builder"
        } else {
            "reqwest::Error"
        };
        class.into()
    }
}

#[cfg(not(target_family = "wasm"))]
fn is_connect(error: &Error) -> bool {
    error.is_connect()
}

/// Returns `false`: browsers do not report this.
#[cfg(target_family = "wasm")]
fn is_connect(_: &Error) -> bool {
    false
}
