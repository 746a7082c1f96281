//! Outcomes of HTTP responses. axum's are [`http::Response`](Response), and so are those of other
//! servers.

use std::borrow::Cow;

use ::http::{Response, StatusCode};

use super::dispatch::{Returned, ViaOutcome};
use super::{ErrorType, Outcome};

/// A response fails with `5xx` if its status says that the server failed. A client's mistake is
/// the client's: the server did what it is for.
///
/// ```
/// use axum::http::StatusCode;
/// use axum::response::IntoResponse;
/// use mcp_metrics::Outcome;
///
/// let response = StatusCode::SERVICE_UNAVAILABLE.into_response();
/// assert_eq!(response.failure().as_deref(), Some("5xx"));
/// let response = (StatusCode::NOT_FOUND, "no such tool").into_response();
/// assert!(response.failure().is_none());
/// ```
impl<B> Outcome for Response<B> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.status().failure()
    }
}

/// Like a response of this status.
impl Outcome for StatusCode {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.is_server_error().then(|| class(*self))
    }
}

/// The class of the status, such as `4xx`: who returns it as an error says that it is one.
impl ErrorType for StatusCode {
    fn error_type(&self) -> Cow<'static, str> {
        class(*self)
    }
}

/// The class of the status.
impl<B> ErrorType for Response<B> {
    fn error_type(&self) -> Cow<'static, str> {
        class(self.status())
    }
}

/// A status with what makes up the rest of the response.
macro_rules! with_status {
    ($($part:ident),+) => {
        /// The class of the status.
        impl<$($part),+> ErrorType for (StatusCode, $($part),+) {
            fn error_type(&self) -> Cow<'static, str> {
                class(self.0)
            }
        }

        // Tuples are successes to `Outcome`; the macros look here first.
        impl<$($part),+> ViaOutcome for &&&&Returned<'_, (StatusCode, $($part),+)> {
            fn failure(&self) -> Option<Cow<'static, str>> {
                self.0.0.failure()
            }
        }
    };
}

with_status!(A);
with_status!(A, B);

fn class(status: StatusCode) -> Cow<'static, str> {
    match status.as_u16() / 100 {
        1 => "1xx".into(),
        2 => "2xx".into(),
        3 => "3xx".into(),
        4 => "4xx".into(),
        5 => "5xx".into(),
        _ => "other".into(),
    }
}
