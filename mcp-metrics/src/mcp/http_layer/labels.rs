//! The labels of a response, and the counters that have them.

use std::sync::OnceLock;

use http::{HeaderName, Method, Request, Response, StatusCode};
use metrics::{Key, SharedString};

use super::AuthFailure;
use crate::catalog::mcp::{HTTP_AUTH_FAILURES, HTTP_RESPONSES};
use crate::http_message::HttpMethod;
use crate::mcp::record::{self, key};

static SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// In requests of protocol version 2026-07-28.
static MCP_METHOD: HeaderName = HeaderName::from_static("mcp-method");

/// The status codes of rmcp and of authentication layers.
const CODES: [u16; 15] = [
    200, 202, 204, 400, 401, 403, 404, 405, 406, 413, 415, 429, 500, 502, 503,
];

/// The values of `session`.
const SESSIONS: [&str; 3] = ["none", "known", "unknown"];
const NO_SESSION: usize = 0;
const KNOWN_SESSION: usize = 1;
const UNKNOWN_SESSION: usize = 2;

/// The keys of the responses with one of [`CODES`], so that counting them does not allocate.
static KEYS: [[[OnceLock<Key>; SESSIONS.len()]; CODES.len()]; HttpMethod::COUNT] =
    [const { [const { [const { OnceLock::new() }; SESSIONS.len()] }; CODES.len()] };
        HttpMethod::COUNT];

/// What is read from a request before the service consumes it.
#[derive(Clone, Copy, Debug)]
pub(in crate::mcp) struct HttpRequest {
    pub(super) method: HttpMethod,
    has_session: bool,
    /// Whether the response is a stream that only the client ends: of a session, or of a
    /// subscription.
    pub(super) ends_with_client: bool,
}

impl HttpRequest {
    pub(in crate::mcp) fn of<B>(request: &Request<B>) -> Self {
        let method = request.method();
        Self {
            method: HttpMethod::of(method),
            has_session: request.headers().contains_key(&SESSION_ID),
            ends_with_client: method == Method::GET
                || request
                    .headers()
                    .get(&MCP_METHOD)
                    .is_some_and(|method| method == "subscriptions/listen"),
        }
    }

    /// Counts the response to this request.
    pub(super) fn count<B>(self, response: &Response<B>) {
        if !record::is_enabled() {
            return;
        }
        let status = response.status();
        let session = match (self.has_session, status) {
            (false, _) => NO_SESSION,
            (true, StatusCode::NOT_FOUND) => UNKNOWN_SESSION,
            (true, _) => KNOWN_SESSION,
        };
        let mut codes = CODES.iter();
        match codes.position(|code| *code == status.as_u16()) {
            Some(code) => {
                let key = &KEYS[self.method.index()][code][session];
                record::increment(key.get_or_init(|| self.responses(status, session)));
            }
            None => record::increment(&self.responses(status, session)),
        }
        let default_reason = match status {
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            _ => return,
        };
        let failure = response.extensions().get();
        let reason = failure.map_or(default_reason, |AuthFailure(reason)| reason);
        let labels = [("reason", Some(SharedString::const_str(reason)))];
        record::increment(&key(HTTP_AUTH_FAILURES, labels));
    }

    fn responses(self, status: StatusCode, session: usize) -> Key {
        let labels = [
            ("http_method", Some(self.method.name().into())),
            ("code", Some(status.as_str().to_owned().into())),
            ("session", Some(SESSIONS[session].into())),
        ];
        key(HTTP_RESPONSES, labels)
    }
}
