//! What a drive varies: the client, the transport, and how the server is wrapped.

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Raw,
    RawModern,
    Rmcp,
    RmcpModern,
    Python1,
    Python2,
    Python2Modern,
    TypeScript,
}

/// How the client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A stream in this process; only for rmcp.
    Duplex,
    Stdio,
    /// Streamable HTTP with sessions.
    Http,
    /// Streamable HTTP without sessions.
    Stateless,
    /// Streamable HTTP without sessions, with responses in JSON.
    Json,
}

/// How the server is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Bare,
    Metered,
    Supervised,
}

/// One combination.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) kind: Kind,
    pub(crate) transport: Transport,
    pub(crate) mode: Mode,
}

impl Kind {
    /// Returns whether the client speaks protocol version 2026-07-28, which has no sessions.
    pub(crate) fn is_modern(self) -> bool {
        matches!(
            self,
            Self::RawModern | Self::RmcpModern | Self::Python2Modern
        )
    }

    /// Returns whether a test of this crate writes the client's messages.
    pub(crate) fn is_raw(self) -> bool {
        matches!(self, Self::Raw | Self::RawModern)
    }
}

impl Transport {
    pub(crate) const ALL: [Self; 5] = [
        Self::Duplex,
        Self::Stdio,
        Self::Http,
        Self::Stateless,
        Self::Json,
    ];

    /// Returns the argument of the server, which is another process.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Duplex => unreachable!("the server is in this process"),
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Stateless => "stateless",
            Self::Json => "json",
        }
    }

    /// Returns whether the messages are on one stream.
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, Self::Duplex | Self::Stdio)
    }

    /// Returns the label `network_transport`.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Duplex | Self::Stdio => "pipe",
            Self::Http | Self::Stateless | Self::Json => "tcp",
        }
    }
}

impl Mode {
    pub(crate) const ALL: [Self; 3] = [Self::Bare, Self::Metered, Self::Supervised];

    /// Returns the server's argument.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Metered => "metered",
            Self::Supervised => "supervised",
        }
    }
}

impl Situation {
    /// Returns whether the transport has sessions for this client.
    pub(crate) fn has_sessions(self) -> bool {
        let has_sessions = self.transport.is_stream() || self.transport == Transport::Http;
        has_sessions && !self.kind.is_modern()
    }

    /// Returns whether a disconnect cancels a request at once: over HTTP, where no session could
    /// deliver the answer later.
    pub(crate) fn disconnect_cancels(self) -> bool {
        !self.transport.is_stream() && !self.has_sessions()
    }

    /// Returns whether one handler gets all messages of a client that matter to a call. Without
    /// sessions, each message is a request of HTTP of its own, which another handler gets.
    pub(crate) fn has_one_handler(self) -> bool {
        let has_handler = self.transport.is_stream() || self.transport == Transport::Http;
        has_handler || self.kind.is_modern()
    }

    /// Returns whether a client that cancels a call reaches it: with a notification to its handler,
    /// or because it closes the connection.
    pub(crate) fn cancel_reaches_call(self) -> bool {
        self.has_one_handler() || self.kind == Kind::Rmcp
    }

    /// Returns whether a handler gets a notification when the client cancels a call.
    pub(crate) fn notifies_cancellation(self) -> bool {
        // Over HTTP, clients of protocol 2026-07-28 close the connection.
        let closes_connection = self.kind.is_modern() && !self.transport.is_stream();
        self.has_one_handler() && !closes_connection
    }

    /// Returns whether the server learns that the client stops to wait for a call.
    pub(crate) fn timeout_reaches_call(self) -> bool {
        match self.kind {
            // The SDK sends nothing, and keeps the connection.
            Kind::Python1 => false,
            // It closes the connection, if the request has one of its own.
            Kind::Raw | Kind::RawModern => self.disconnect_cancels(),
            _ => self.cancel_reaches_call(),
        }
    }

    /// Returns whether a handler gets a notification when the client stops to wait for a call.
    pub(crate) fn notifies_timeout(self) -> bool {
        self.notifies_cancellation() && !self.kind.is_raw()
    }

    /// Returns whether the server knows that the client supports tasks.
    pub(crate) fn supports_tasks(self) -> bool {
        let supports = self.kind.is_raw() || matches!(self.kind, Kind::Rmcp | Kind::RmcpModern);
        // It says so at the start of a session, or in each request.
        supports && self.has_one_handler()
    }

    pub(crate) fn is_supervised(self) -> bool {
        self.mode == Mode::Supervised
    }
}
