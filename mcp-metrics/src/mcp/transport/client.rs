//! The messages of a client.

use std::sync::Arc;

use rmcp::RoleClient;
use rmcp::model::{ClientNotification, ClientRequest, ErrorData, JsonRpcMessage, ServerResult};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};

use super::meter::Meter;
use super::outgoing::{Answer, Name};
use super::sending::{Message, Sending};
use crate::mcp::labels::{TOOL_ERROR, TRANSPORT, error_type};
use crate::mcp::method::Method;
use crate::mcp::operation::Operation;

impl Meter {
    /// Notes a message that a client sends.
    pub(super) fn client_sends(&mut self, message: &TxJsonRpcMessage<RoleClient>) -> Sending {
        match message {
            JsonRpcMessage::Request(request) => {
                let name = match &request.request {
                    // It lasts as long as its client, which says nothing about the server.
                    ClientRequest::SubscriptionsListenRequest(_) => {
                        return Message::Unrecorded.into();
                    }
                    ClientRequest::CallToolRequest(call) => Name::Tool(call.params.name.clone()),
                    ClientRequest::GetPromptRequest(get) => Name::Prompt(get.params.name.clone()),
                    _ => Name::None,
                };
                let method = Method::of(request.request.method());
                let operation = Operation::of_client(method, self.transport);
                self.outgoing.start(request.id.clone(), operation, name);
                Message::Request(Arc::clone(&self.outgoing), self.known, request.id.clone())
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                {
                    self.outgoing.cancel(self.known, &cancelled.params);
                }
                Message::Unrecorded
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => Message::Unrecorded,
        }
        .into()
    }

    /// Notes a message from the server.
    pub(super) fn client_receives(&mut self, message: &RxJsonRpcMessage<RoleClient>) {
        match message {
            JsonRpcMessage::Response(response) => {
                let is_error = match &response.result {
                    ServerResult::ListToolsResult(list) => {
                        for tool in &list.tools {
                            self.known.tools.add(&tool.name);
                        }
                        false
                    }
                    ServerResult::CallToolResult(result) => result.is_error == Some(true),
                    _ => false,
                };
                let answer = Answer::Result(is_error.then_some(TOOL_ERROR));
                self.outgoing.end(self.known, &response.id, answer);
            }
            JsonRpcMessage::Error(error) => {
                if let Some(id) = &error.id {
                    let answer = answer(&error.error);
                    self.outgoing.end(self.known, id, answer);
                }
            }
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => {}
        }
    }

    /// Notes that no more messages come from the server.
    pub(super) fn server_left(&mut self) {
        self.outgoing.end_all(self.known, TRANSPORT);
    }
}

/// Returns an error's answer. rmcp's HTTP client turns a response that breaks off into an error with
/// a mark in its data.
fn answer(error: &ErrorData) -> Answer {
    let mark = "io.modelcontextprotocol/transportClosed";
    let data = error.data.as_ref();
    match data.and_then(|data| data.get(mark)) {
        Some(_) => Answer::Missing(TRANSPORT),
        None => Answer::Error(error.code, error_type(error.code)),
    }
}
