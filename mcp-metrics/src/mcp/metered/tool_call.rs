//! A call of a tool.

use std::borrow::Cow;

use metrics::{Key, SharedString};
use rmcp::model::{CallToolRequestParams, CallToolResponse, ErrorCode, ErrorData};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use super::Metered;
use super::request::{Facts, answer};
use crate::catalog::mcp::{INPUT_REQUIRED, UNKNOWN_TOOL_CALLS};
use crate::instrument::clock::Instant;
use crate::instrument::request::{OnDrop, Request};
use crate::mcp::known_names::{KnownName, means_unknown};
use crate::mcp::labels::{TOOL_ERROR, error_type};
use crate::mcp::method;
use crate::mcp::operation::{Operation, Target};
use crate::mcp::record::{self, key};
use crate::mcp::supervisor::Ended;
use crate::request_labels::RequestLabels;

/// The operation of a tool that the server does not have.
const UNKNOWN_TOOL: &str = "other";

static UNKNOWN: Key = Key::from_static_name(UNKNOWN_TOOL_CALLS);

/// The request of the hub's families that a tool call counts as.
enum HubRequest {
    /// There is no agent.
    None,
    Started(Request),
    /// The tool is not known yet: the request is recorded when it ends.
    Deferred(SharedString, Instant),
}

impl<S: ServerHandler> Metered<S> {
    /// Calls a tool as an operation.
    pub(super) async fn tool_call(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let facts = Facts::of(&context);
        let mut operation = Operation::of_server(&method::CALL_TOOL, facts.transport);
        let is_recorded = operation.is_recorded();
        let known = is_recorded
            .then(|| self.known_tool(&request.name))
            .flatten();
        if let Some(tool) = known {
            operation.target = Target::Tool(tool);
        }
        // Kept only if the answer may show that the server has the tool.
        let name = (is_recorded && known.is_none()).then(|| request.name.clone());
        let hub = HubRequest::start(self.agent.as_ref().filter(|_| is_recorded), known);
        let token = context.ct.clone();
        let handle = |context| self.inner.call_tool(request, context);
        let ended = self.run(context, handle, token.cancelled()).await;
        // Read at once: rmcp cancels the token after the answer, too.
        let is_cancelled = token.is_cancelled();
        let failure = facts.failure(&ended, is_cancelled, |value| failure(value, &facts));
        if is_recorded {
            let tool = known.or_else(|| self.learn_tool(name.as_deref()?, &ended));
            hub.end(tool, failure.clone());
            match (tool, &ended) {
                (None, Ended::Returned(Err(error))) if means_unknown(error.code) => {
                    record::increment(&UNKNOWN);
                }
                // Otherwise the client gets an error instead, or nothing.
                (Some(tool), Ended::Returned(Ok(CallToolResponse::InputRequired(_))))
                    if failure.is_none() =>
                {
                    let labels = [("gen_ai_tool_name", Some(tool.label.clone()))];
                    record::increment(&key(INPUT_REQUIRED, labels));
                }
                _ => {}
            }
            operation.end(tool.map_or(Target::None, Target::Tool), failure);
        }
        answer(
            &method::CALL_TOOL,
            known.map_or(Target::None, Target::Tool),
            ended,
        )
    }

    /// Returns a tool that the server is known to have.
    fn known_tool(&self, name: &str) -> Option<&'static KnownName> {
        self.known.tools.find(name).or_else(|| {
            self.inner.get_tool(name)?;
            self.known.tools.add(name)
        })
    }

    /// Returns a tool that answered a call, unless the answer may mean that the server does not
    /// have it. For handlers that do not implement `get_tool`.
    fn learn_tool(
        &self,
        name: &str,
        ended: &Ended<Result<CallToolResponse, ErrorData>>,
    ) -> Option<&'static KnownName> {
        match ended {
            // Handlers report unknown tools in this way, too.
            Ended::Returned(Ok(CallToolResponse::Complete(result)))
                if result.is_error == Some(true) =>
            {
                None
            }
            Ended::Returned(Ok(_)) => self.known.tools.add(name),
            Ended::Returned(Err(error)) => {
                let has_tool = !means_unknown(error.code);
                has_tool.then(|| self.known.tools.add(name)).flatten()
            }
            Ended::Panicked(_) | Ended::Cancelled => None,
        }
    }
}

/// Returns the `error_type` of a result, as the client receives it.
fn failure(response: &CallToolResponse, facts: &Facts) -> Option<Cow<'static, str>> {
    match response {
        CallToolResponse::Complete(result) => {
            (result.is_error == Some(true)).then_some(Cow::Borrowed(TOOL_ERROR))
        }
        CallToolResponse::InputRequired(_) => facts.input_required(),
        CallToolResponse::Task(_) if !facts.supports_tasks() => {
            Some(error_type(ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY))
        }
        _ => None,
    }
}

impl HubRequest {
    fn start(agent: Option<&SharedString>, tool: Option<&KnownName>) -> Self {
        match (agent, tool) {
            (None, _) => Self::None,
            (Some(agent), Some(tool)) => {
                let labels = RequestLabels::new(agent.clone(), tool.label.clone());
                Self::Started(Request::of(labels, OnDrop::DetectPanic))
            }
            (Some(agent), None) => Self::Deferred(agent.clone(), Instant::now()),
        }
    }

    fn end(self, tool: Option<&KnownName>, failure: Option<Cow<'static, str>>) {
        let mut request = match self {
            Self::None => return,
            Self::Started(request) => request,
            Self::Deferred(agent, began) => {
                let unknown = SharedString::const_str(UNKNOWN_TOOL);
                let operation = tool.map_or(unknown, |tool| tool.label.clone());
                let labels = RequestLabels::new(agent, operation);
                Request::of(labels, OnDrop::DetectPanic).since(began)
            }
        };
        request.close(failure);
    }
}
