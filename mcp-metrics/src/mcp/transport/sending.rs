//! A message that is being sent.

use std::mem;
use std::sync::Arc;

use metrics::SharedString;
use rmcp::model::RequestId;

use super::outgoing::{Answer, Outgoing};
use crate::catalog::mcp::{NOTIFICATIONS, UNDELIVERED_RESPONSES};
use crate::mcp::known_names::Known;
use crate::mcp::labels::{CANCELLED, NetworkTransport, TRANSPORT};
use crate::mcp::record::{self, key};

/// A message that is being sent. Dropped before its [end](Self::end), it was not sent.
pub(super) struct Sending(Message);

/// What is recorded at the end.
pub(super) enum Message {
    /// Nothing.
    Unrecorded,
    /// A server's notification, with this method.
    Notification(&'static str),
    Request(Arc<Outgoing>, &'static Known, RequestId),
    /// A server's response, or its error.
    Response(NetworkTransport),
}

impl From<Message> for Sending {
    fn from(message: Message) -> Self {
        Self(message)
    }
}

impl Sending {
    /// Ends the send.
    pub(super) fn end(mut self, is_sent: bool) {
        match mem::replace(&mut self.0, Message::Unrecorded) {
            Message::Notification(method) if is_sent => record::increment(&key(
                NOTIFICATIONS,
                [
                    ("mcp_method_name", Some(SharedString::const_str(method))),
                    ("direction", Some(SharedString::const_str("sent"))),
                ],
            )),
            Message::Request(outgoing, known, id) if !is_sent => {
                outgoing.end(known, &id, Answer::Missing(TRANSPORT));
            }
            Message::Response(transport) if !is_sent => undelivered(transport),
            _ => {}
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        match &self.0 {
            Message::Request(outgoing, known, id) => {
                outgoing.end(known, id, Answer::Missing(CANCELLED));
            }
            Message::Response(transport) => undelivered(*transport),
            Message::Unrecorded | Message::Notification(_) => {}
        }
    }
}

/// Counts a response that the client does not get.
pub(in crate::mcp) fn undelivered(transport: NetworkTransport) {
    let labels = [("network_transport", Some(transport.as_str().into()))];
    record::increment(&key(UNDELIVERED_RESPONSES, labels));
}
