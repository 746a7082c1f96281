//! A request to a metered handler.

use std::borrow::Cow;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use rmcp::model::{
    ClientCapabilities, ErrorCode, ErrorData, InitializeRequestParams, ProtocolVersion,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use super::Metered;
use crate::mcp::labels::{CANCELLED, NetworkTransport, PANIC, error_type};
use crate::mcp::method::Method;
use crate::mcp::operation::{Operation, Target};
use crate::mcp::supervisor::{self, Ended};

/// What is read from a request before its handler consumes it.
///
/// Only what is cheap to read: the client's capabilities are read if the answer depends on them.
pub(super) struct Facts {
    pub(super) transport: NetworkTransport,
    /// The protocol version in the request's metadata, which takes precedence over the session's.
    version: Option<ProtocolVersion>,
    /// The capabilities in the request's metadata.
    capabilities: Option<ClientCapabilities>,
    /// The client of the session.
    client: Option<Arc<InitializeRequestParams>>,
}

impl Facts {
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let version = context.meta.protocol_version();
        // Requests that declare one of them declare both.
        let capabilities = version
            .as_ref()
            .and_then(|_| context.meta.client_capabilities());
        Self {
            transport: NetworkTransport::of(&context.extensions),
            version,
            capabilities,
            client: context.peer.peer_info(),
        }
    }

    /// Returns whether the client speaks protocol version 2026-07-28 or a later one.
    pub(super) fn is_modern(&self) -> bool {
        let of_session = || self.client.as_ref().map(|client| &client.protocol_version);
        let version = self.version.as_ref().or_else(of_session);
        // Versions are dates, which are ordered like their texts.
        version.is_some_and(|it| it.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
    }

    /// Returns whether the client can receive a task.
    pub(super) fn supports_tasks(&self) -> bool {
        let of_session = || self.client.as_ref().map(|client| &client.capabilities);
        let capabilities = self.capabilities.as_ref().or_else(of_session);
        capabilities.is_some_and(ClientCapabilities::supports_tasks)
    }

    /// Returns the code of an error as the client receives it: rmcp replaces one code for clients of
    /// later protocol versions.
    pub(super) fn code(&self, error: &ErrorData) -> ErrorCode {
        if error.code == ErrorCode::RESOURCE_NOT_FOUND && self.is_modern() {
            ErrorCode::INVALID_PARAMS
        } else {
            error.code
        }
    }

    /// Returns the `error_type` of a result that requests input, which rmcp rejects for clients of
    /// earlier protocol versions.
    pub(super) fn input_required(&self) -> Option<Cow<'static, str>> {
        (!self.is_modern()).then(|| error_type(ErrorCode::INVALID_REQUEST))
    }

    /// Returns the `error_type` of a request whose handler ended. `of_value` returns that of a
    /// result that the client receives as an error.
    pub(super) fn failure<T>(
        &self,
        ended: &Ended<Result<T, ErrorData>>,
        is_cancelled: bool,
        of_value: impl FnOnce(&T) -> Option<Cow<'static, str>>,
    ) -> Option<Cow<'static, str>> {
        match ended {
            Ended::Panicked(_) => Some(Cow::Borrowed(PANIC)),
            Ended::Cancelled => Some(Cow::Borrowed(CANCELLED)),
            Ended::Returned(_) if is_cancelled => Some(Cow::Borrowed(CANCELLED)),
            Ended::Returned(Ok(value)) => of_value(value),
            Ended::Returned(Err(error)) => Some(error_type(self.code(error))),
        }
    }
}

impl<S: ServerHandler> Metered<S> {
    /// Runs a handler as an operation. `failure` returns the `error_type` of a result that the
    /// client receives as an error.
    pub(super) async fn operation<T, F>(
        &self,
        method: &'static Method,
        target: Target,
        context: RequestContext<RoleServer>,
        handle: impl FnOnce(RequestContext<RoleServer>) -> F,
        failure: impl FnOnce(&T, &Facts) -> Option<Cow<'static, str>>,
    ) -> Result<T, ErrorData>
    where
        F: Future<Output = Result<T, ErrorData>>,
    {
        let facts = Facts::of(&context);
        let mut operation = Operation::of_server(method, facts.transport);
        operation.target = target;
        let token = context.ct.clone();
        let ended = self.run(context, handle, token.cancelled()).await;
        // Read at once: rmcp cancels the token after the answer, too.
        let is_cancelled = token.is_cancelled();
        let failure = facts.failure(&ended, is_cancelled, |value| failure(value, &facts));
        operation.end(target, failure);
        answer(method, target, ended)
    }

    /// Runs a handler, under supervision if it is enabled.
    pub(super) async fn run<T, F>(
        &self,
        context: RequestContext<RoleServer>,
        handle: impl FnOnce(RequestContext<RoleServer>) -> F,
        cancelled: impl Future<Output = ()>,
    ) -> Ended<Result<T, ErrorData>>
    where
        F: Future<Output = Result<T, ErrorData>>,
    {
        // The handler is called in the future, so that a panic before its first `await` is caught.
        let future = pin!(async { handle(context).await });
        supervisor::run(self.supervised, future, cancelled).await
    }
}

/// Returns the answer to a request.
pub(super) fn answer<T>(
    method: &'static Method,
    target: Target,
    ended: Ended<Result<T, ErrorData>>,
) -> Result<T, ErrorData> {
    match ended {
        Ended::Returned(result) => result,
        Ended::Panicked(panic) => {
            let handler = match target {
                Target::Tool(tool) => format!("tool {}", tool.label),
                Target::Prompt(prompt) => format!("prompt {}", prompt.label),
                Target::None => method.name.to_owned(),
            };
            tracing::error!(handler, panic, "MCP request handler panicked");
            Err(ErrorData::internal_error(
                format!("{handler} panicked"),
                None,
            ))
        }
        // rmcp sends no answer to a request that was cancelled.
        Ended::Cancelled => Err(ErrorData::internal_error("the request was cancelled", None)),
    }
}
