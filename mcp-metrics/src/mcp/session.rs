//! A session: from the client's `notifications/initialized` until the server value is dropped.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::SharedString;
use rmcp::model::{InitializeRequestParams, InitializeResult};

use super::labels::NetworkTransport;
use super::record::{self, InFlight, Kept, key};
use crate::catalog::mcp::{ACTIVE_SESSIONS, SESSION_DURATION, SESSIONS};
use crate::instrument::clock::Instant;

/// The session of one server value.
#[derive(Default)]
pub(super) struct Session {
    /// Set by `initialize`. A server value that never sees it belongs to a transport without
    /// sessions, or to a session that was restored.
    client: OnceLock<Client>,
    open: OnceLock<OpenSession>,
}

struct Client {
    name: SharedString,
    version: SharedString,
    protocol: SharedString,
}

struct OpenSession {
    transport: NetworkTransport,
    began: Instant,
    _active: InFlight,
}

impl Session {
    /// Notes the client and the negotiated protocol version.
    pub(super) fn initialize(&self, client: &InitializeRequestParams, result: &InitializeResult) {
        let info = &client.client_info;
        let _ = self.client.set(Client {
            name: info.name.clone().into(),
            version: info.version.clone().into(),
            protocol: result.protocol_version.to_string().into(),
        });
    }

    /// Begins the session, at the client's notification.
    pub(super) fn begin(&self, transport: NetworkTransport) {
        let Some(client) = self.client.get().filter(|_| record::is_enabled()) else {
            return;
        };
        let mut began = false;
        self.open.get_or_init(|| {
            began = true;
            OpenSession {
                transport,
                began: Instant::now(),
                _active: InFlight::start(&Kept::new(key(
                    ACTIVE_SESSIONS,
                    [("network_transport", Some(transport.as_str().into()))],
                ))),
            }
        });
        if began {
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
        let labels = [("network_transport", Some(self.transport.as_str().into()))];
        record::observe(&key(SESSION_DURATION, labels), seconds);
    }
}
