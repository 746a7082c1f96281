//! Requests that were sent and are not answered yet.

use std::borrow::Cow;
use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rmcp::RoleServer;
use rmcp::model::{CancelledNotificationParam, ErrorCode, RequestId};
use rmcp::service::RequestHandle;

use crate::mcp::known_names::{Known, KnownNames, means_unknown};
use crate::mcp::labels::{CANCELLED, TIMEOUT};
use crate::mcp::operation::{Operation, Target};

/// The requests in flight of one transport, by id.
///
/// Shared with the futures that send them. A request is removed when it is answered, cancelled or
/// not sent, and when the transport ends, so there are at most as many as rmcp itself keeps.
#[derive(Default)]
pub(super) struct Outgoing(Mutex<HashMap<RequestId, Request>>);

struct Request {
    operation: Operation,
    name: Name,
}

/// The name of a tool or of a prompt, as the program sent it.
pub(super) enum Name {
    None,
    Tool(Cow<'static, str>),
    Prompt(String),
}

/// The answer to a request.
pub(super) enum Answer {
    /// A result, which is a failure if it has an `error_type`.
    Result(Option<&'static str>),
    Error(ErrorCode, Cow<'static, str>),
    /// There is none, for the reason of this `error_type`.
    Missing(&'static str),
}

impl Outgoing {
    /// Starts a request.
    pub(super) fn start(&self, id: RequestId, operation: Operation, name: Name) {
        if operation.is_recorded() {
            let replaced = self.lock().insert(id, Request { operation, name });
            // It is recorded as cancelled, after the lock is released.
            drop(replaced);
        }
    }

    /// Ends the request with this id. An answer to an unknown request is ignored, as by rmcp.
    pub(super) fn end(&self, known: &Known, id: &RequestId, answer: Answer) {
        let request = self.remove(id);
        if let Some(request) = request {
            request.end(known, answer);
        }
    }

    /// Ends a request that this side cancels.
    pub(super) fn cancel(&self, known: &Known, notification: &CancelledNotificationParam) {
        if let Some(id) = &notification.request_id {
            // What rmcp sends when the timeout of a request's options has elapsed.
            let is_timeout = notification.reason.as_deref().is_some_and(|reason| {
                [
                    RequestHandle::<RoleServer>::REQUEST_TIMEOUT_REASON,
                    RequestHandle::<RoleServer>::REQUEST_MAX_TOTAL_TIMEOUT_REASON,
                ]
                .contains(&reason)
            });
            let error_type = if is_timeout { TIMEOUT } else { CANCELLED };
            self.end(known, id, Answer::Missing(error_type));
        }
    }

    /// Ends all requests, which get no answer for the reason of this `error_type`.
    pub(super) fn end_all(&self, known: &Known, error_type: &'static str) {
        let requests = mem::take(&mut *self.lock());
        for request in requests.into_values() {
            request.end(known, Answer::Missing(error_type));
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn remove(&self, id: &RequestId) -> Option<Request> {
        let mut requests = self.lock();
        requests.remove(id).or_else(|| {
            // Some peers answer the request 7 with the id "7", which rmcp accepts.
            let RequestId::String(id) = id else {
                return None;
            };
            requests.remove(&RequestId::Number(id.parse().ok()?))
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, Request>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Request {
    fn end(self, known: &Known, answer: Answer) {
        let means_known = match &answer {
            // Handlers report unknown tools with `isError`, too.
            Answer::Result(error_type) => error_type.is_none(),
            Answer::Error(code, _) => !means_unknown(*code),
            Answer::Missing(_) => false,
        };
        let label = |names: &KnownNames, name: &str| {
            let label = names.find(name);
            label.or_else(|| means_known.then(|| names.add(name)).flatten())
        };
        let target = match &self.name {
            Name::None => None,
            Name::Tool(name) => label(&known.tools, name).map(Target::Tool),
            Name::Prompt(name) => label(&known.prompts, name).map(Target::Prompt),
        };
        let error_type = match answer {
            Answer::Result(error_type) => error_type.map(Cow::Borrowed),
            Answer::Error(_, error_type) => Some(error_type),
            Answer::Missing(error_type) => Some(Cow::Borrowed(error_type)),
        };
        self.operation
            .end(target.unwrap_or(Target::None), error_type);
    }
}
