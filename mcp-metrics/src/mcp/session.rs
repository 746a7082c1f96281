//! A session: from the client's `notifications/initialized` until the server value is dropped.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics::SharedString;
use rmcp::model::{InitializeRequestParams, InitializeResult};

use super::labels::NetworkTransport;
use super::record::{self, InFlight, key};
use crate::catalog::mcp::{ACTIVE_SESSIONS, SESSION_DURATION, SESSIONS};
use crate::instrument::clock::Instant;

/// The session of one server value.
#[derive(Default)]
pub(super) struct Session {
    /// Set by `initialize`. A server value that never sees it belongs to a transport without
    /// sessions.
    start: OnceLock<Start>,
    open: OnceLock<OpenSession>,
}

/// How a session started.
enum Start {
    New(Client),
    /// Another process or server value began the session, and this one continues it.
    Restored,
}

struct Client {
    name: SharedString,
    version: SharedString,
    protocol: SharedString,
}

struct OpenSession {
    transport: NetworkTransport,
    began: Instant,
    end: Option<SessionEnd>,
    _active: InFlight,
}

/// How a session ends, as its session manager sees it.
///
/// [`MeteredSessions`](super::MeteredSessions) attaches it to the client's
/// `notifications/initialized`, since a handler sees no reason for its end.
#[derive(Clone, Debug, Default)]
pub(super) struct SessionEnd(Arc<OnceLock<Option<&'static str>>>);

impl SessionEnd {
    /// Notes the `error_type` of the end, which is `None` for an orderly one. Only the first note
    /// counts: a session that the client deletes is then disconnected, too.
    pub(super) fn note(&self, error_type: Option<&'static str>) {
        let _ = self.0.set(error_type);
    }

    /// Returns whether both belong to one session.
    pub(super) fn is_of_same_session(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn error_type(&self) -> Option<&'static str> {
        self.0.get().copied().flatten()
    }
}

impl Session {
    /// Notes the client of a new session, and the negotiated protocol version.
    pub(super) fn initialize(&self, client: &InitializeRequestParams, result: &InitializeResult) {
        let info = &client.client_info;
        let _ = self.start.set(Start::New(Client {
            name: info.name.clone().into(),
            version: info.version.clone().into(),
            protocol: result.protocol_version.to_string().into(),
        }));
    }

    /// Notes that the session is not a new one.
    pub(super) fn restore(&self) {
        let _ = self.start.set(Start::Restored);
    }

    /// Begins the session, at the client's notification. A restored session is open in this process,
    /// and is not counted again.
    pub(super) fn begin(&self, transport: NetworkTransport, end: Option<SessionEnd>) {
        let Some(start) = self.start.get().filter(|_| record::is_enabled()) else {
            return;
        };
        let mut began = false;
        self.open.get_or_init(|| {
            began = true;
            OpenSession {
                transport,
                began: Instant::now(),
                end,
                _active: InFlight::of(&key(
                    ACTIVE_SESSIONS,
                    [("network_transport", Some(transport.as_str().into()))],
                )),
            }
        });
        if began && let Start::New(client) = start {
            record::increment(&key(
                SESSIONS,
                [
                    ("client_name", Some(client.name.clone())),
                    ("client_version", Some(client.version.clone())),
                    ("mcp_protocol_version", Some(client.protocol.clone())),
                ],
            ));
        }
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        let seconds = Duration::from_nanos(self.began.elapsed()).as_secs_f64();
        let error_type = self.end.as_ref().and_then(SessionEnd::error_type);
        let labels = [
            ("network_transport", Some(self.transport.as_str().into())),
            ("error_type", error_type.map(SharedString::const_str)),
        ];
        record::observe(&key(SESSION_DURATION, labels), seconds);
    }
}
