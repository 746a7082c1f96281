//! rmcp's client, with the lifecycle of earlier protocol versions or of 2026-07-28.

#![expect(
    deprecated,
    reason = "servers ask clients of earlier protocol versions with requests"
)]

use std::time::Duration;

use mcp_metrics_tests::Process;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, CallToolResponse, ClientCapabilities, ClientConfig,
    ClientRequest, CreateMessageRequestParams, CreateMessageResult, CustomRequest,
    ElicitRequestParams, ElicitResult, ElicitationAction, ErrorData, GetPromptRequestParams,
    Implementation, ListRootsResult, PingRequest, ProtocolVersion, ReadResourceRequestParams,
    SamplingMessage,
};
use rmcp::service::{
    ClientLifecycleMode, ClientServiceExt as _, PeerRequestOptions, RequestContext, RequestHandle,
    RunningService, ServiceError,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, RoleClient};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::client::{Client, spawn_server};
use crate::duplex;
use crate::server::Target;

const TIMEOUT: Duration = Duration::from_millis(100);

/// Answers the server's requests.
struct Answers;

impl ClientHandler for Answers {
    fn get_info(&self) -> ClientConfig {
        let capabilities = ClientCapabilities::builder()
            .enable_sampling()
            .enable_elicitation()
            .enable_roots()
            .enable_tasks()
            .build();
        ClientConfig::new(capabilities, Implementation::new("matrix", "1"))
    }

    async fn create_message(
        &self,
        _params: CreateMessageRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        let message = SamplingMessage::assistant_text("because");
        Ok(CreateMessageResult::new(message, "test".to_owned()))
    }

    async fn list_roots(
        &self,
        _context: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, ErrorData> {
        Ok(ListRootsResult::default())
    }

    async fn create_elicitation(
        &self,
        _request: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let result = ElicitResult::new(ElicitationAction::Accept);
        Ok(result.with_content(json!({ "name": "x" })))
    }
}

pub(crate) struct Rmcp {
    is_modern: bool,
    runtime: Option<Runtime>,
    service: Option<RunningService<RoleClient, Answers>>,
    begun: Option<RequestHandle<RoleClient>>,
    servers: Vec<Process>,
}

impl Rmcp {
    pub(crate) fn new(is_modern: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        Self {
            is_modern,
            runtime: Some(runtime.expect("a runtime")),
            service: None,
            begun: None,
            servers: Vec::new(),
        }
    }

    async fn open(
        target: &Target,
        is_modern: bool,
    ) -> (RunningService<RoleClient, Answers>, Option<Process>) {
        let lifecycle = if is_modern {
            let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
            ClientLifecycleMode::Discover { preferred_versions }
        } else {
            ClientLifecycleMode::Initialize
        };
        let (service, server) = match target {
            Target::Http(address) => {
                let uri = format!("http://{address}/mcp");
                let config = StreamableHttpClientTransportConfig::with_uri(uri);
                // Needed to build a client, even for HTTP without TLS. It may be installed already.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let client = reqwest::Client::builder().no_proxy().build();
                let client = client.expect("a client without TLS");
                let transport = StreamableHttpClientTransport::with_client(client, config);
                (
                    Answers.serve_with_lifecycle(transport, lifecycle).await,
                    None,
                )
            }
            Target::Duplex(mode) => {
                let stream = duplex::serve(*mode);
                let service = Answers.serve_with_lifecycle(stream, lifecycle).await;
                (service, None)
            }
            Target::Stdio(arguments) => {
                let (server, stream) = spawn_server(*arguments);
                stream.set_nonblocking(true).expect("a socket");
                let stream = tokio::net::UnixStream::from_std(stream).expect("a runtime");
                let service = Answers.serve_with_lifecycle(stream, lifecycle).await;
                (service, Some(server))
            }
        };
        (service.expect("the client connects"), server)
    }
}

/// Returns an answer as the clients of other SDKs write it.
fn answer<T: Serialize>(result: Result<T, ServiceError>) -> Value {
    match result {
        Ok(result) => json!({ "result": result }),
        Err(ServiceError::McpError(error)) => json!({ "error": error }),
        Err(error) => json!({ "error": { "message": error.to_string() } }),
    }
}

fn tool_call(tool: &Value, arguments: &Value) -> CallToolRequestParams {
    let tool = tool.as_str().expect("a name").to_owned();
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    CallToolRequestParams::new(tool).with_arguments(arguments)
}

impl Client for Rmcp {
    fn connect(&mut self, target: &Target) -> Value {
        let runtime = self.runtime.as_ref().expect("a running client");
        let (service, server) = runtime.block_on(Self::open(target, self.is_modern));
        self.service = Some(service);
        self.servers.extend(server);
        json!("connected")
    }

    fn execute(&mut self, command: &Value) -> Value {
        let runtime = self.runtime.as_ref().expect("a running client");
        let (name, value) = command
            .as_object()
            .and_then(|it| it.iter().next())
            .expect("a command");
        let (name, value) = match command.get("call") {
            Some(tool) => ("call", tool),
            None => (name.as_str(), value),
        };
        if name == "end" {
            let service = self.service.take().expect("an open session");
            runtime
                .block_on(service.cancel())
                .expect("the session ends");
            return json!("ended");
        }
        let service = self.service.as_ref().expect("an open session");
        let peer = service.peer().clone();
        let text = || value.as_str().expect("a text").to_owned();
        let begun = &mut self.begun;
        runtime.block_on(async {
            match name {
                "list" => match value.as_str() {
                    Some("tools") => answer(peer.list_tools(None).await),
                    Some("prompts") => answer(peer.list_prompts(None).await),
                    _ => answer(peer.list_resources(None).await),
                },
                "call" => {
                    let call = tool_call(value, &command["arguments"]);
                    // A task is a result like any other.
                    match value.as_str() {
                        Some("task") => match peer.call_tool_once(call).await {
                            Ok(response) => json!(matches!(response, CallToolResponse::Task(_))),
                            Err(error) => answer::<()>(Err(error)),
                        },
                        // Repeats the call with the input that the server requires.
                        _ => answer(service.call_tool(call).await),
                    }
                }
                "prompt" => answer(peer.get_prompt(GetPromptRequestParams::new(text())).await),
                "read" => answer(
                    peer.read_resource(ReadResourceRequestParams::new(text()))
                        .await,
                ),
                "ping" => {
                    let ping = ClientRequest::PingRequest(PingRequest::default());
                    answer(peer.send_request(ping).await)
                }
                "malformed" => {
                    let request =
                        CustomRequest::new("tools/call", Some(json!({ "arguments": {} })));
                    answer(
                        peer.send_request(ClientRequest::CustomRequest(request))
                            .await,
                    )
                }
                "begin" | "timeout" => {
                    let request = CallToolRequest::new(tool_call(value, &json!({})));
                    let request = ClientRequest::CallToolRequest(request);
                    let options = match name {
                        "begin" => PeerRequestOptions::no_options(),
                        _ => PeerRequestOptions::with_timeout(TIMEOUT),
                    };
                    let handle = peer.send_cancellable_request(request, options).await;
                    let handle = handle.expect("an open session");
                    if name == "timeout" {
                        return answer(handle.await_response().await);
                    }
                    *begun = Some(handle);
                    json!("begun")
                }
                "cancel" => {
                    let handle = begun.take().expect("a call in flight");
                    // The call may have failed already.
                    let _ = handle.cancel(None).await;
                    json!("cancelled")
                }
                "await" => {
                    let handle = begun.take().expect("a call in flight");
                    answer(handle.await_response().await)
                }
                _ => panic!("unknown command: {command}"),
            }
        })
    }

    fn kill(&mut self) {
        let runtime = self.runtime.take().expect("a running client");
        runtime.shutdown_background();
    }

    fn log(&self) -> String {
        self.servers.iter().map(Process::log).collect()
    }
}
