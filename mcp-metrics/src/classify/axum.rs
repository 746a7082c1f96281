//! Outcomes of HTTP responses. axum and other servers use [`http::Response`](Response).

use std::borrow::Cow;

use ::http::{Response, StatusCode};

use super::outcome_by_type::{Returned, ViaOutcome};
use super::{ErrorType, Outcome};

/// A response with a server error status is a failure with the label `5xx`. A client error is a
/// success, since the server handled the request correctly.
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

/// The outcome is that of a response with this status.
impl Outcome for StatusCode {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.is_server_error().then(|| class(*self))
    }
}

/// The label is the class of the status, such as `4xx`. A status that is returned as an error is a
/// failure in any case.
impl ErrorType for StatusCode {
    fn error_type(&self) -> Cow<'static, str> {
        class(*self)
    }
}

/// The label is the class of the status.
impl<B> ErrorType for Response<B> {
    fn error_type(&self) -> Cow<'static, str> {
        class(self.status())
    }
}

/// Implements the outcome of a status with the other parts of a response.
macro_rules! with_status {
    ($($part:ident),+) => {
        /// The label is the class of the status.
        impl<$($part),+> ErrorType for (StatusCode, $($part),+) {
            fn error_type(&self) -> Cow<'static, str> {
                class(self.0)
            }
        }

        // Takes precedence over `Outcome`, for which all tuples are successes.
        impl<$($part),+, const BORROWED: bool> ViaOutcome
            for &&&&Returned<'_, (StatusCode, $($part),+), BORROWED>
        {
            fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
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
