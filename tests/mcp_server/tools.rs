//! The tools.

#![expect(
    deprecated,
    reason = "clients of earlier protocol versions are asked with requests"
)]

use std::pin::pin;

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::InputResponses;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, CreateMessageRequestParams, CreateTaskResult,
    ElicitRequest, ElicitRequestParams, ErrorCode, ErrorData, InputRequest, InputRequests,
    InputRequiredResult, ProgressNotificationParam, SamplingMessage, ServerRequest,
};
use rmcp::service::RequestContext;
use rmcp::task_manager::{TaskManager, TaskOptions};
use rmcp::{RoleServer, schemars, tool, tool_router};
use serde_json::json;

use crate::calls::{Call, released};

/// The handler under test.
#[derive(Clone)]
pub(crate) struct Hub {
    pub(crate) tools: ToolRouter<Self>,
    pub(crate) tasks: TaskManager,
}

/// The arguments of the tool `fast`.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Text {
    text: String,
}

#[tool_router]
impl Hub {
    pub(crate) fn new() -> Self {
        let tools = Self::tool_router();
        let tasks = TaskManager::new();
        Self { tools, tasks }
    }

    #[tool(description = "Returns its argument")]
    async fn fast(&self, Parameters(Text { text }): Parameters<Text>) -> String {
        text
    }

    #[tool(description = "Ignores its cancellation")]
    async fn deaf(&self, context: RequestContext<RoleServer>) -> String {
        // Before the start is counted: a test releases the call as soon as it has started.
        let mut released = pin!(released());
        let call = Call::start("deaf");
        tokio::select! {
            () = context.ct.cancelled() => {
                call.count("cancelled");
                released.await;
            }
            () = &mut released => {}
        }
        call.end();
        "released".to_owned()
    }

    #[tool(description = "Ends at its cancellation")]
    async fn cancellable(&self, context: RequestContext<RoleServer>) -> String {
        let call = Call::start("cancellable");
        context.ct.cancelled().await;
        call.end();
        "cancelled".to_owned()
    }

    #[tool(description = "Returns a result with isError")]
    async fn fails(&self) -> CallToolResult {
        CallToolResult::error(vec![ContentBlock::text("no")])
    }

    #[tool(description = "Returns a protocol error")]
    async fn breaks(&self) -> Result<String, ErrorData> {
        Err(ErrorData::new(ErrorCode(-32_000), "broken", None))
    }

    #[tool(description = "Panics")]
    async fn panics(&self) -> String {
        let _call = Call::start("panics");
        // The message of panics that are not printed.
        panic!("provoked by a test")
    }

    #[tool(description = "Requests a message from the client's model")]
    async fn sampling(&self, context: RequestContext<RoleServer>) -> CallToolResult {
        let call = Call::start("sampling");
        let messages = vec![SamplingMessage::user_text("why?")];
        let params = CreateMessageRequestParams::new(messages, 10);
        result(call, &context.peer.create_message(params).await)
    }

    #[tool(description = "Requests input from the user")]
    async fn elicitation(&self, context: RequestContext<RoleServer>) -> CallToolResult {
        let call = Call::start("elicitation");
        let request = ServerRequest::ElicitRequest(ElicitRequest::new(question()));
        result(call, &context.peer.send_request(request).await)
    }

    #[tool(description = "Requests the client's roots")]
    async fn roots(&self, context: RequestContext<RoleServer>) -> CallToolResult {
        let call = Call::start("roots");
        result(call, &context.peer.list_roots().await)
    }

    #[tool(description = "Reports its progress")]
    async fn progress(&self, context: RequestContext<RoleServer>) -> String {
        if let Some(token) = context.meta.get_progress_token() {
            for step in [1.0, 2.0] {
                let progress = ProgressNotificationParam::new(token.clone(), step);
                // The client may have disconnected.
                let _ = context.peer.notify_progress(progress).await;
            }
        }
        "done".to_owned()
    }

    #[tool(description = "Requires input from the user")]
    async fn input_required(&self, InputResponses(responses): InputResponses) -> CallToolResponse {
        if responses.is_some() {
            return CallToolResult::success(vec![ContentBlock::text("thanks")]).into();
        }
        let mut requests = InputRequests::new();
        let request = InputRequest::Elicitation(ElicitRequest::new(question()));
        requests.insert("answer".to_owned(), request);
        InputRequiredResult::new(Some(requests), Some("asked".to_owned())).into()
    }

    #[tool(description = "Creates a task")]
    async fn task(&self) -> CallToolResponse {
        let task = self.tasks.spawn(TaskOptions::default(), |_| {
            let result = CallToolResult::success(vec![ContentBlock::text("later")]);
            Box::pin(async { Ok(result) })
        });
        CallToolResponse::Task(CreateTaskResult::new(task))
    }
}

/// Returns a question to the user.
fn question() -> ElicitRequestParams {
    let schema = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: "Name?".to_owned(),
        requested_schema: serde_json::from_value(schema).expect("a schema"),
    }
}

/// Returns the result of a tool that has sent a request to the client.
fn result<T, E>(call: Call, answer: &Result<T, E>) -> CallToolResult {
    call.end();
    match answer {
        Ok(_) => CallToolResult::success(vec![ContentBlock::text("answered")]),
        Err(_) => CallToolResult::error(vec![ContentBlock::text("no answer")]),
    }
}
