//! Which responses are failures, and their labels.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::response::Parts;
use http::{Response, StatusCode};

use super::head::{HeadFn, with_response_head};
use crate::http_message;

/// Decides the outcome of requests by their responses.
#[derive(Clone, Default)]
pub(super) struct OutcomeRules {
    pub(super) failure: FailureRule,
    pub(super) ok_if_dropped: Option<HeadFn<Parts, bool>>,
    /// Whether requests end with the headers of their response.
    pub(super) end_at_headers: bool,
}

#[derive(Clone, Default)]
pub(super) enum FailureRule {
    #[default]
    ServerError,
    Status(Arc<dyn Fn(StatusCode) -> bool + Send + Sync>),
    Response(HeadFn<Parts, Option<Cow<'static, str>>>),
}

/// The outcome of a request, as far as the head of its response decides it.
#[derive(Debug)]
pub(super) struct HeadOutcome {
    /// The label of a failure.
    pub(super) failure: Option<Cow<'static, str>>,
    /// Whether dropping the body before its end is a success.
    pub(super) ok_if_dropped: bool,
}

impl OutcomeRules {
    /// Returns the outcome of a response, and the response.
    pub(super) fn judge<B>(&self, response: Response<B>) -> (HeadOutcome, Response<B>) {
        let status = response.status();
        let is_failure = match &self.failure {
            FailureRule::ServerError => status.is_server_error(),
            FailureRule::Status(is_failure) => is_failure(status),
            FailureRule::Response(_) => false,
        };
        let failure = is_failure.then(|| label(status));
        if self.ok_if_dropped.is_none() && !matches!(self.failure, FailureRule::Response(_)) {
            let ok_if_dropped = false;
            return (
                HeadOutcome {
                    failure,
                    ok_if_dropped,
                },
                response,
            );
        }
        with_response_head(response, |head| HeadOutcome {
            failure: match &self.failure {
                FailureRule::Response(failure) => failure(head),
                FailureRule::ServerError | FailureRule::Status(_) => failure,
            },
            ok_if_dropped: self.ok_if_dropped.as_ref().is_some_and(|rule| rule(head)),
        })
    }
}

impl fmt::Debug for OutcomeRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutcomeRules")
            .field("end_at_headers", &self.end_at_headers)
            .finish_non_exhaustive()
    }
}

/// Returns the code of a status. That of a status of RFC 9110 does not allocate.
fn label(status: StatusCode) -> Cow<'static, str> {
    macro_rules! codes {
        ($($code:literal)+) => {
            match status.as_u16() {
                $($code => Cow::Borrowed(stringify!($code)),)+
                _ => Cow::Owned(status.as_str().to_owned()),
            }
        };
    }
    codes! {
        400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 418 421 422 423 424
        425 426 428 429 431 451 500 501 502 503 504 505 506 507 508 510 511
    }
}

/// Returns whether a response is a stream of server-sent events, for
/// [`HttpLayer::ok_if_dropped`](super::HttpLayer::ok_if_dropped).
#[must_use]
pub fn is_event_stream(response: &Parts) -> bool {
    http_message::is_event_stream(&response.headers)
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::label;

    #[test]
    fn label_of_a_status_is_its_code() {
        for code in 100..1000 {
            let status = StatusCode::from_u16(code).expect("a status");
            assert_eq!(label(status), code.to_string());
        }
    }
}
