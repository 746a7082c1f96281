//! What is recorded of the messages of one transport.

use std::collections::HashMap;
use std::sync::Arc;

use metrics::SharedString;
use rmcp::model::{ErrorCode, RequestId};

use super::outgoing::Outgoing;
use super::sending::undelivered;
use crate::mcp::known_names::{Known, means_unknown};
use crate::mcp::labels::{CANCELLED, NetworkTransport};
use crate::mcp::sessions::OpenSession;

/// The messages of one transport, of either role.
///
/// `client.rs` and `server.rs` record the messages of one role each.
pub(super) struct Meter {
    /// The transport of messages without an HTTP request.
    pub(super) transport: NetworkTransport,
    pub(super) known: &'static Known,
    pub(super) outgoing: Arc<Outgoing>,
    /// The requests of a server's client that are not answered.
    pub(super) incoming: HashMap<RequestId, Incoming>,
    /// The session of a server whose session manager is metered.
    pub(super) session: Option<OpenSession>,
}

/// A request from a client.
pub(super) struct Incoming {
    pub(super) transport: NetworkTransport,
    pub(super) tool: Option<Tool>,
}

/// The tool that a request calls.
pub(super) enum Tool {
    Known(SharedString),
    /// The name is the client's text. It becomes a label if the server answers as if it had the tool.
    Unknown(Box<str>),
}

impl Meter {
    /// Creates a meter for transports of the role `R`.
    pub(super) fn new<R: 'static>(transport: NetworkTransport) -> Self {
        Self {
            transport,
            known: Known::of::<R>(),
            outgoing: Arc::default(),
            incoming: HashMap::new(),
            session: None,
        }
    }

    /// Returns the tool with this name.
    pub(super) fn tool(&self, name: &str) -> Tool {
        match self.known.tools.find(name).map(|known| known.label.clone()) {
            Some(label) => Tool::Known(label),
            None => Tool::Unknown(name.into()),
        }
    }

    /// Returns the label of a tool after its answer, `Err` with the code of an error.
    pub(super) fn answered(
        &self,
        tool: Tool,
        answer: Result<(), ErrorCode>,
    ) -> Option<SharedString> {
        match tool {
            Tool::Known(label) => Some(label),
            Tool::Unknown(name) => {
                let is_known = !answer.err().is_some_and(means_unknown);
                let known = is_known.then(|| self.known.tools.add(&name)).flatten();
                known.map(|known| known.label.clone())
            }
        }
    }

    /// Ends everything that is in flight, when the transport is closed or dropped.
    pub(super) fn end(&mut self) {
        for (_, request) in self.incoming.drain() {
            undelivered(request.transport);
        }
        self.outgoing.end_all(self.known, CANCELLED);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.end();
    }
}
