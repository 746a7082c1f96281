//! `MeteredSessions`: a session manager that records the sessions of another one.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::Stream;
use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::{
    EventStore, RestoreOutcome, ServerSseMessage, SessionId, SessionManager,
};

use super::labels::NetworkTransport;
use super::session::SessionEnd;
use super::transport::{MeteredTransport, undelivered};

/// A session manager that records the sessions of the session manager `M`.
///
/// For stateful HTTP servers, in addition to [`Metered`](super::Metered), which counts the sessions
/// and observes their durations. Adds what a handler does not see:
///
/// - the families of [`MeteredTransport`], since each session's transport is wrapped in one;
/// - the `error_type` of `mcp_server_session_duration_seconds`: `timeout` for a session that was
///   closed because it was idle for longer than its keep-alive, or that was lost otherwise; absent
///   if the client deleted the session, or if the server was stopped;
/// - in `mcp_server_undelivered_responses_total`, event streams that could not be resumed. rmcp
///   answers with an empty stream, so the client does not get what it missed.
///
/// ```
/// use std::sync::Arc;
///
/// use mcp_metrics::mcp::{Metered, MeteredSessions};
/// use rmcp::ServerHandler;
/// use rmcp::transport::StreamableHttpService;
/// use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
///
/// struct Hub;
/// impl ServerHandler for Hub {}
///
/// let sessions = MeteredSessions::new(LocalSessionManager::default());
/// let service = StreamableHttpService::new(
///     || Ok(Metered::new(Hub)),
///     Arc::new(sessions),
///     Default::default(),
/// );
/// # let _: StreamableHttpService<_, _> = service;
/// ```
///
/// A response to a client whose connection has ended is not undelivered: rmcp keeps it until the
/// client resumes the stream.
///
/// Requests without a session (of stateless servers, and of protocol version 2026-07-28) do not go
/// through a session manager.
#[derive(Default)]
pub struct MeteredSessions<M> {
    inner: Arc<M>,
    open: OpenSessions,
}

/// The sessions whose transports are not closed, by id.
#[derive(Clone, Default)]
struct OpenSessions(Arc<Mutex<HashMap<SessionId, SessionEnd>>>);

/// A session that is open until this value, which its transport owns, is dropped.
pub(super) struct OpenSession {
    id: SessionId,
    end: SessionEnd,
    all: OpenSessions,
}

impl<M> MeteredSessions<M> {
    /// Wraps a session manager, which the program may share.
    #[must_use]
    pub fn new(inner: impl Into<Arc<M>>) -> Self {
        Self {
            inner: inner.into(),
            open: OpenSessions::default(),
        }
    }

    /// Returns the wrapped session manager.
    #[must_use]
    pub fn inner(&self) -> &M {
        &self.inner
    }
}

impl<M: SessionManager> MeteredSessions<M> {
    fn metered(
        &self,
        id: &SessionId,
        transport: M::Transport,
    ) -> MeteredTransport<RoleServer, M::Transport> {
        let session = self.open.begin(id);
        MeteredTransport::new(transport)
            .over_tcp()
            .of_session(session)
    }
}

impl<M: SessionManager> SessionManager for MeteredSessions<M> {
    type Error = M::Error;
    type Transport = MeteredTransport<RoleServer, M::Transport>;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        let (id, transport) = self.inner.create_session().await?;
        let transport = self.metered(&id, transport);
        Ok((id, transport))
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        self.inner.initialize_session(id, message).await
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        self.inner.has_session(id).await
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        // rmcp closes a session that has ended otherwise, too, after its transport.
        self.open.deleted(id);
        self.inner.close_session(id).await
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.inner.create_stream(id, message).await
    }

    async fn accept_message(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<(), Self::Error> {
        self.inner.accept_message(id, message).await
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.inner.create_standalone_stream(id).await
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        let stream = self.inner.resume(id, last_event_id).await;
        if stream.is_err() {
            undelivered(NetworkTransport::Tcp);
        }
        stream
    }

    async fn restore_session(
        &self,
        id: SessionId,
    ) -> Result<RestoreOutcome<Self::Transport>, Self::Error> {
        Ok(match self.inner.restore_session(id.clone()).await? {
            RestoreOutcome::Restored(transport) => {
                RestoreOutcome::Restored(self.metered(&id, transport))
            }
            RestoreOutcome::AlreadyPresent => RestoreOutcome::AlreadyPresent,
            // Outcomes of later versions of rmcp cannot be converted; a client whose session is not
            // restored begins a new one.
            _ => RestoreOutcome::NotSupported,
        })
    }

    fn event_store(&self) -> Option<Arc<dyn EventStore>> {
        self.inner.event_store()
    }
}

impl<M: fmt::Debug> fmt::Debug for MeteredSessions<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeteredSessions")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl OpenSessions {
    fn begin(&self, id: &SessionId) -> OpenSession {
        let end = SessionEnd::default();
        self.lock().insert(Arc::clone(id), end.clone());
        OpenSession {
            id: Arc::clone(id),
            end,
            all: self.clone(),
        }
    }

    /// Notes that the client deletes a session, if it is open.
    fn deleted(&self, id: &SessionId) {
        if let Some(end) = self.lock().get(id) {
            end.note(None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, SessionEnd>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenSession {
    /// Returns how the session ends.
    pub(super) const fn end(&self) -> &SessionEnd {
        &self.end
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        let mut open = self.all.lock();
        // A session that was restored since then has the same id.
        let is_this = |end: &SessionEnd| end.is_of_same_session(&self.end);
        if open.get(&self.id).is_some_and(is_this) {
            open.remove(&self.id);
        }
    }
}
