//! A server whose tools send requests and notifications to its client, and a client that answers.

#![expect(
    deprecated,
    reason = "servers of earlier protocol versions sample and list roots"
)]

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CreateMessageRequest,
    CreateMessageRequestParams, CreateMessageResult, CustomNotification, CustomRequest,
    ElicitRequest, ErrorData, GetPromptRequestParams, GetPromptResponse, GetPromptResult,
    ListRootsRequest, ListToolsResult, PaginatedRequestParams, PingRequest, SamplingMessage,
    ServerCapabilities, ServerConfig, ServerNotification, ServerRequest, SubscriptionFilter, Tool,
};
use rmcp::service::{NotificationContext, PeerRequestOptions, RequestContext, ServiceError};
use rmcp::{ClientHandler, RoleClient, RoleServer, ServerHandler};
use serde_json::{from_value, json};
use tokio::sync::Semaphore;

/// A server whose tools depend on its client.
pub(crate) struct Asker {
    /// Permits for the tools `wait` and `slow`, added by the test.
    pub(crate) released: Arc<Semaphore>,
    /// One permit for each call of `wait` or `slow` that has begun.
    pub(crate) waiting: Arc<Semaphore>,
    /// One permit for each session that has ended.
    pub(crate) ended: Arc<Semaphore>,
    is_initialized: AtomicBool,
}

impl Clone for Asker {
    /// Returns a handler for another session.
    fn clone(&self) -> Self {
        Self {
            released: Arc::clone(&self.released),
            waiting: Arc::clone(&self.waiting),
            ended: Arc::clone(&self.ended),
            is_initialized: AtomicBool::new(false),
        }
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        if *self.is_initialized.get_mut() {
            self.ended.add_permits(1);
        }
    }
}

impl Asker {
    pub(crate) fn new() -> Self {
        Self {
            released: Arc::new(Semaphore::new(0)),
            waiting: Arc::new(Semaphore::new(0)),
            ended: Arc::new(Semaphore::new(0)),
            is_initialized: AtomicBool::new(false),
        }
    }

    /// Waits until the handler of a session was dropped, and with it what measures the session.
    pub(crate) async fn has_ended(&self) {
        self.ended.acquire().await.unwrap().forget();
    }

    /// Waits until a call of `wait` has begun.
    pub(crate) async fn has_begun(&self) {
        self.waiting.acquire().await.unwrap().forget();
    }
}

/// Returns the size of the JSON of a result with this text.
pub(crate) fn size(text: &str) -> usize {
    let content = json!([{ "type": "text", "text": text }]);
    json!({ "content": content, "isError": false })
        .to_string()
        .len()
}

fn text(text: impl Into<String>) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(text)]).into()
}

pub(crate) fn sampling() -> ServerRequest {
    let messages = vec![SamplingMessage::user_text("2 + 2?")];
    let params = CreateMessageRequestParams::new(messages, 16);
    ServerRequest::CreateMessageRequest(CreateMessageRequest::new(params))
}

/// Returns the request that a tool with this name sends to the client.
fn request(tool: &str) -> Option<ServerRequest> {
    Some(match tool {
        "sample" => sampling(),
        "elicit" => {
            let schema = json!({ "type": "object", "properties": {} });
            let params = json!({ "message": "Sure?", "requestedSchema": schema });
            ServerRequest::ElicitRequest(ElicitRequest::new(from_value(params).unwrap()))
        }
        "roots" => ServerRequest::ListRootsRequest(ListRootsRequest::default()),
        "ping" => ServerRequest::PingRequest(PingRequest::default()),
        "ask" => ServerRequest::CustomRequest(CustomRequest::new("acme/ask", None)),
        _ => return None,
    })
}

async fn send(
    context: &RequestContext<RoleServer>,
    request: ServerRequest,
    options: PeerRequestOptions,
) -> Result<(), ServiceError> {
    let handle = context
        .peer
        .send_cancellable_request(request, options)
        .await?;
    handle.await_response().await.map(drop)
}

impl ServerHandler for Asker {
    async fn on_initialized(&self, _: NotificationContext<RoleServer>) {
        self.is_initialized.store(true, Ordering::Relaxed);
    }

    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools();
        ServerConfig::new(capabilities.enable_tool_list_changed().build())
    }

    fn accepted_subscription_filter(
        &self,
        filter: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(filter.clone())
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if let Some(request) = request(&call.name) {
            let options = PeerRequestOptions::no_options();
            let sent = send(&context, request, options).await;
            return Ok(text(sent.map_or("refused", |()| "answered")));
        }
        match &*call.name {
            "echo" => {
                let arguments = call.arguments.unwrap_or_default();
                let echoed = arguments.get("text").and_then(|text| text.as_str());
                Ok(text(echoed.unwrap_or_default()))
            }
            "fails" => Ok(CallToolResult::error(vec![ContentBlock::text("no")]).into()),
            "breaks" => Err(ErrorData::internal_error("broken", None)),
            "wait" => {
                self.waiting.add_permits(1);
                self.released.acquire().await.unwrap().forget();
                Ok(text("released"))
            }
            "hang" => {
                self.waiting.add_permits(1);
                pending().await
            }
            "sample_in_a_second" => {
                let options = PeerRequestOptions::with_timeout(Duration::from_secs(1));
                let sent = send(&context, sampling(), options).await;
                Ok(text(sent.unwrap_err().to_string()))
            }
            "sample_and_cancel" => {
                let options = PeerRequestOptions::no_options();
                let peer = &context.peer;
                let handle = peer.send_cancellable_request(sampling(), options).await;
                let cancelled = handle.unwrap().cancel(Some("not needed".to_owned())).await;
                Ok(text(cancelled.map_or("refused", |()| "cancelled")))
            }
            "notify" => {
                for notification in notifications() {
                    context.peer.send_notification(notification).await.unwrap();
                }
                Ok(text("notified"))
            }
            name => Err(ErrorData::invalid_params(format!("no tool {name}"), None)),
        }
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tool = Tool::new("listed", "Never called", serde_json::Map::new());
        Ok(ListToolsResult::with_all_items(vec![tool]))
    }

    async fn get_prompt(
        &self,
        get: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        match &*get.name {
            "greeting" => Ok(GetPromptResult::new(vec![]).into()),
            _ => Err(ErrorData::invalid_params("no such prompt", None)),
        }
    }
}

fn notifications() -> [ServerNotification; 3] {
    let notification =
        |method: &str, params| from_value(json!({ "method": method, "params": params })).unwrap();
    let custom = CustomNotification::new("acme/news", None);
    [
        notification(
            "notifications/message",
            json!({ "level": "info", "data": "hi" }),
        ),
        notification("notifications/tools/list_changed", json!({})),
        ServerNotification::CustomNotification(custom),
    ]
}

/// How a client answers a request to sample.
#[derive(Clone, Copy)]
pub(crate) enum Answering {
    Answers,
    Fails,
    Never,
}

impl ClientHandler for Answering {
    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        match self {
            Self::Answers => {
                let message = SamplingMessage::assistant_text("4");
                Ok(CreateMessageResult::new(message, "abacus".to_owned()))
            }
            Self::Fails => Err(ErrorData::internal_error("no model", None)),
            Self::Never => pending().await,
        }
    }
}
