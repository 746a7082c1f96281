//! The messages of a server.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::{
    ClientNotification, ClientRequest, ConstString as _, GetExtensions as _, JsonRpcMessage,
    RequestId, ServerNotification, ServerRequest, ServerResult,
};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};

use super::meter::{Incoming, Meter, Tool};
use super::outgoing::{Answer, Name};
use super::sending::{Message, Sending};
use super::size::json_size;
use crate::catalog::mcp::RESULT_SIZE;
use crate::mcp::labels::{CANCELLED, NetworkTransport, TIMEOUT, error_type};
use crate::mcp::method::{self, Method};
use crate::mcp::operation::Operation;
use crate::mcp::record::{self, key};

impl Meter {
    /// Notes a message that a server sends.
    pub(super) fn server_sends(&mut self, message: &TxJsonRpcMessage<RoleServer>) -> Sending {
        match message {
            JsonRpcMessage::Request(request) => {
                let method = Method::of(request_method(&request.request));
                let operation = Operation::of_server_request(method);
                self.outgoing
                    .start(request.id.clone(), operation, Name::None);
                Message::Request(Arc::clone(&self.outgoing), self.known, request.id.clone())
            }
            JsonRpcMessage::Notification(notification) => {
                let notification = &notification.notification;
                if let ServerNotification::CancelledNotification(cancelled) = notification {
                    self.outgoing.cancel(self.known, &cancelled.params);
                }
                Message::Notification(method::notification(notification_method(notification)))
            }
            JsonRpcMessage::Response(response) => {
                Message::Response(self.server_answers(&response.id, &response.result))
            }
            JsonRpcMessage::Error(error) => {
                let request = error.id.as_ref().and_then(|id| self.incoming.remove(id));
                let transport = request.as_ref().map_or(self.transport, |it| it.transport);
                if let Some(tool) = request.and_then(|request| request.tool) {
                    self.answered(tool, Err(error.error.code));
                }
                Message::Response(transport)
            }
        }
        .into()
    }

    /// Notes the result of a request. Returns the request's transport.
    fn server_answers(&mut self, id: &RequestId, result: &ServerResult) -> NetworkTransport {
        if let ServerResult::ListToolsResult(list) = result {
            for tool in &list.tools {
                self.known.tools.add(&tool.name);
            }
        }
        let Some(request) = self.incoming.remove(id) else {
            return self.transport;
        };
        let tool = match (request.tool, result) {
            // Handlers report unknown tools in this way, too.
            (Some(Tool::Unknown(_)), ServerResult::CallToolResult(result))
                if result.is_error == Some(true) =>
            {
                None
            }
            (tool, _) => tool.and_then(|tool| self.answered(tool, Ok(()))),
        };
        if let (Some(tool), ServerResult::CallToolResult(result)) = (tool, result)
            && record::is_enabled()
            && let Some(size) = json_size(result)
        {
            let labels = [("gen_ai_tool_name", Some(tool))];
            record::observe(&key(RESULT_SIZE, labels), size);
        }
        request.transport
    }

    /// Notes a message from the client.
    pub(super) fn server_receives(&mut self, message: &mut RxJsonRpcMessage<RoleServer>) {
        match message {
            JsonRpcMessage::Request(request) => {
                self.client_asks(request.id.clone(), &request.request);
            }
            JsonRpcMessage::Notification(notification) => match &mut notification.notification {
                ClientNotification::CancelledNotification(cancelled) => {
                    // rmcp does not answer it any more.
                    if let Some(id) = &cancelled.params.request_id {
                        self.incoming.remove(id);
                    }
                }
                ClientNotification::InitializedNotification(notification) => {
                    if let Some(session) = &self.session {
                        notification.extensions.insert(session.end().clone());
                    }
                }
                _ => {}
            },
            JsonRpcMessage::Response(response) => {
                let answer = Answer::Result(None);
                self.outgoing.end(self.known, &response.id, answer);
            }
            JsonRpcMessage::Error(error) => {
                if let Some(id) = &error.id {
                    let code = error.error.code;
                    let answer = Answer::Error(code, error_type(code));
                    self.outgoing.end(self.known, id, answer);
                }
            }
        }
    }

    fn client_asks(&mut self, id: RequestId, request: &ClientRequest) {
        // A subscription is not answered before its client disconnects.
        let is_subscription = matches!(request, ClientRequest::SubscriptionsListenRequest(_));
        if is_subscription || !record::is_enabled() {
            return;
        }
        let transport = match NetworkTransport::of(request.extensions()) {
            NetworkTransport::Pipe => self.transport,
            NetworkTransport::Tcp => NetworkTransport::Tcp,
        };
        let tool = match request {
            ClientRequest::CallToolRequest(call) => Some(self.tool(&call.params.name)),
            _ => None,
        };
        self.incoming.insert(id, Incoming { transport, tool });
    }

    /// Notes that no more messages come from the client. Requests are still answered, as far as
    /// rmcp waits for their handlers.
    pub(super) fn client_left(&mut self) {
        self.outgoing.end_all(self.known, CANCELLED);
        if let Some(session) = &self.session {
            // A session that the client deleted has this noted before.
            session.end().note(Some(TIMEOUT));
        }
    }
}

fn request_method(request: &ServerRequest) -> &str {
    match request {
        ServerRequest::PingRequest(it) => it.method.as_str(),
        ServerRequest::CreateMessageRequest(it) => it.method.as_str(),
        ServerRequest::ListRootsRequest(it) => it.method.as_str(),
        ServerRequest::ElicitRequest(it) => it.method.as_str(),
        ServerRequest::CustomRequest(it) => &it.method,
        _ => "",
    }
}

fn notification_method(notification: &ServerNotification) -> &str {
    match notification {
        ServerNotification::CancelledNotification(it) => it.method.as_str(),
        ServerNotification::ProgressNotification(it) => it.method.as_str(),
        ServerNotification::LoggingMessageNotification(it) => it.method.as_str(),
        ServerNotification::ResourceUpdatedNotification(it) => it.method.as_str(),
        ServerNotification::ResourceListChangedNotification(it) => it.method.as_str(),
        ServerNotification::ToolListChangedNotification(it) => it.method.as_str(),
        ServerNotification::PromptListChangedNotification(it) => it.method.as_str(),
        ServerNotification::SubscriptionsAcknowledgedNotification(it) => it.method.as_str(),
        ServerNotification::TaskStatusNotification(it) => it.method.as_str(),
        ServerNotification::CustomNotification(it) => &it.method,
        _ => "",
    }
}
