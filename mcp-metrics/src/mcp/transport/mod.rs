//! `MeteredTransport`: a transport that records the messages of another one.

mod client;
mod meter;
mod outgoing;
mod sending;
mod server;
mod size;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use rmcp::service::{RxJsonRpcMessage, ServiceRole, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::{RoleClient, RoleServer};

use super::labels::NetworkTransport;
use super::sessions::OpenSession;
use meter::Meter;
pub(super) use sending::undelivered;

/// A transport of a server or a client that records the messages of the transport `T`.
///
/// Messages, errors and their order are those of `T`.
///
/// # Servers
///
/// Records what a handler does not see, in addition to [`Metered`](super::Metered):
///
/// - `mcp_server_client_request_duration_seconds`: requests to the client, which are sampling,
///   elicitation, roots and ping. `error_type` is the code of an error, `timeout` or `cancelled`
///   (see below), or `transport` if the request could not be sent. A client that disconnects
///   cancels the requests to it.
/// - `mcp_server_notifications_total{direction="sent"}`: notifications that were sent.
/// - `mcp_server_result_size_bytes`: the size of each tool result as JSON. The result is serialized
///   a second time, into a counter. The size of a result that requests input, or that is a task, is
///   not recorded.
/// - `mcp_server_undelivered_responses_total`: responses that could not be sent, and requests that
///   were not answered when the transport was closed. A request that the client cancels needs no
///   response; neither does `subscriptions/listen`.
///
/// ```
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use mcp_metrics::mcp::{Metered, MeteredTransport};
/// use rmcp::transport::IntoTransport;
/// use rmcp::{RoleServer, ServerHandler, ServiceExt};
///
/// struct Hub;
/// impl ServerHandler for Hub {}
///
/// # let (server, _client) = tokio::io::duplex(1024);
/// # let stdio = || server;
/// let transport = MeteredTransport::<RoleServer, _>::new(stdio().into_transport());
/// let service = Metered::new(Hub).serve(transport).await?;
/// # drop(service);
/// # Ok(())
/// # }
/// ```
///
/// For the sessions of an HTTP server, use [`MeteredSessions`](super::MeteredSessions). rmcp gives
/// requests without a session a transport of its own, whose messages are not recorded.
///
/// # Clients
///
/// Records `mcp_client_operation_duration_seconds`, with one observation for each request except
/// `subscriptions/listen`. `error_type` is:
///
/// | `error_type` | meaning |
/// |---|---|
/// | absent | a result |
/// | `tool_error` | a tool result with `isError` |
/// | a JSON-RPC code, or `_OTHER` | an error of the server |
/// | `timeout` | the timeout of the request's [options](rmcp::service::PeerRequestOptions) elapsed |
/// | `cancelled` | the client cancelled the request, or closed the transport |
/// | `transport` | the request could not be sent, or the connection ended before the answer |
///
/// A timeout is recognized by the reason that rmcp gives in `notifications/cancelled`. Dropping the
/// future of a request, as `tokio::time::timeout` does, cancels nothing: the operation ends with its
/// answer, or with the transport.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use mcp_metrics::mcp::MeteredTransport;
/// use rmcp::transport::IntoTransport;
/// use rmcp::{RoleClient, ServiceExt};
///
/// # let (stream, _) = tokio::io::duplex(1024);
/// let transport = MeteredTransport::<RoleClient, _>::new(stream.into_transport());
/// let client = ().serve(transport).await?;
/// client.list_all_tools().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Labels
///
/// `network_transport` is `tcp` for rmcp's HTTP transports and `pipe` for all others, unless it is
/// set by [`over_tcp`](Self::over_tcp).
///
/// A tool's name is a label once a `tools/list` result contained it, or once a call of it was
/// answered with anything but the errors −32601 and −32602; a prompt's name, once a request for it
/// was answered in this way. At most 250 names of tools and of prompts become labels, each for the
/// servers and for the clients of a process.
pub struct MeteredTransport<R, T> {
    inner: T,
    meter: Meter,
    role: PhantomData<fn() -> R>,
}

impl<R: ServiceRole, T: Transport<R>> MeteredTransport<R, T> {
    /// Wraps a transport.
    #[must_use]
    pub fn new(inner: T) -> Self {
        // The only property of a client's transport that is visible here. All HTTP clients have a
        // worker with this name; a server's requests have the HTTP request attached.
        let is_http = T::name().contains("StreamableHttp");
        let transport = if is_http {
            NetworkTransport::Tcp
        } else {
            NetworkTransport::Pipe
        };
        Self {
            inner,
            meter: Meter::new::<R>(transport),
            role: PhantomData,
        }
    }
}

impl<R, T> MeteredTransport<R, T> {
    /// Sets the label `network_transport` to `tcp`, for a transport over a network that is not one
    /// of rmcp's HTTP transports.
    #[must_use]
    pub fn over_tcp(mut self) -> Self {
        self.meter.transport = NetworkTransport::Tcp;
        self
    }

    /// Sets the session to which the transport belongs.
    pub(super) fn of_session(mut self, session: OpenSession) -> Self {
        self.meter.session = Some(session);
        self
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for MeteredTransport<RoleServer, T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        // Before it is sent, since the answer to a request may arrive before the send has ended.
        let sending = self.meter.server_sends(&message);
        let send = self.inner.send(message);
        async move {
            let result = send.await;
            sending.end(result.is_ok());
            result
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let mut message = self.inner.receive().await;
        match &mut message {
            Some(message) => self.meter.server_receives(message),
            None => self.meter.client_left(),
        }
        message
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.meter.end();
        self.inner.close().await
    }
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for MeteredTransport<RoleClient, T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let sending = self.meter.client_sends(&message);
        let send = self.inner.send(message);
        async move {
            let result = send.await;
            sending.end(result.is_ok());
            result
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        let message = self.inner.receive().await;
        match &message {
            Some(message) => self.meter.client_receives(message),
            None => self.meter.server_left(),
        }
        message
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.meter.end();
        self.inner.close().await
    }
}

impl<R, T: fmt::Debug> fmt::Debug for MeteredTransport<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeteredTransport")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
