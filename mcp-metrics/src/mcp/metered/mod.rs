//! `Metered`: a handler that records the requests of another one.

mod forward;
mod prompt;
mod request;
mod tool_call;

use std::fmt;

use metrics::SharedString;
use rmcp::ServerHandler;

use super::known_names::Known;
use super::session::Session;

/// A server handler that records every request to the handler `S`.
///
/// Records the operations, their outcomes and durations, requests in flight, notifications and
/// sessions; [`catalog::mcp`](crate::catalog::mcp) lists the families. Answers are those of `S`,
/// except under [`supervised`](Self::supervised).
///
/// ```
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use mcp_metrics::mcp::Metered;
/// use rmcp::{ServerHandler, ServiceExt};
///
/// struct Hub;
/// impl ServerHandler for Hub {}
///
/// # let (server, _client) = tokio::io::duplex(1024);
/// # let stdio = || server;
/// let service = Metered::new(Hub).serve(stdio()).await?;
/// # drop(service);
/// # Ok(())
/// # }
/// ```
///
/// Over HTTP, `Metered::new` belongs in the service's factory:
/// `StreamableHttpService::new(|| Ok(Metered::new(Hub::new())), sessions, config)`. It is cheap, and
/// all handlers of one type share what is known of their tools.
pub struct Metered<S> {
    inner: S,
    known: &'static Known,
    agent: Option<SharedString>,
    supervised: bool,
    session: Session,
}

impl<S: ServerHandler> Metered<S> {
    /// Wraps a handler.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            known: Known::of::<S>(),
            agent: None,
            supervised: false,
            session: Session::default(),
        }
    }

    /// Also counts each tool call as a request of this agent, with the tool as operation, in the
    /// families `mcp_hub_requests_total` and its siblings. Calls of unknown tools have the operation
    /// `other`.
    #[must_use]
    pub fn agent(mut self, agent: impl Into<SharedString>) -> Self {
        self.agent = Some(agent.into());
        self
    }

    /// Ends requests that rmcp leaves running: drops the future of a request that the client
    /// cancels, and answers a panic with the error −32603, which is logged.
    ///
    /// Without supervision, a tool that ignores its cancellation token runs to its end, and the
    /// client of a tool that panics gets no answer.
    #[must_use]
    pub const fn supervised(mut self) -> Self {
        self.supervised = true;
        self
    }

    /// Returns the wrapped handler.
    #[must_use]
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S: Clone> Clone for Metered<S> {
    /// Returns a handler for another connection, without a session.
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            known: self.known,
            agent: self.agent.clone(),
            supervised: self.supervised,
            session: Session::default(),
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for Metered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metered")
            .field("inner", &self.inner)
            .field("agent", &self.agent)
            .field("supervised", &self.supervised)
            .finish_non_exhaustive()
    }
}
