//! `rmcp_server`, called by the MCP client of rmcp.

use std::process::Stdio;

use mcp_metrics_tests::Process;
use rmcp::{
    RoleClient, ServiceExt as _,
    model::{CallToolRequestParams, ClientConfig},
    service::RunningService,
    transport::{
        StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::json;

use crate::programs::{address, assert_series, command, scrape, terminate};

/// A session of a client.
type Session = RunningService<RoleClient, ClientConfig>;

/// The series after all calls.
const EXPECTED: &str = "
    active_operations{agent=assistant} 0
    app_info{name=assistant} 1
    cache_hits_total{cache_type=answers} 1
    cache_misses_total{cache_type=answers} 3
    code_executions_total{status=failure} 1
    code_executions_total{status=success} 1
    llm_api_calls_total{model=gpt-4,provider=openai} 5
    request_duration_seconds_count{agent=assistant,operation=ask} 4
    request_duration_seconds_count{agent=assistant,operation=evaluate} 2
    request_duration_seconds_count{agent=assistant,operation=search} 2
    requests_failed_total{agent=assistant,error_type=Busy,operation=ask} 1
    requests_failed_total{agent=assistant,error_type=Busy,operation=evaluate} 0
    requests_failed_total{agent=assistant,error_type=Busy,operation=search} 0
    requests_failed_total{agent=assistant,error_type=NotFound,operation=ask} 1
    requests_failed_total{agent=assistant,error_type=NotFound,operation=evaluate} 0
    requests_failed_total{agent=assistant,error_type=NotFound,operation=search} 1
    requests_failed_total{agent=assistant,error_type=Script,operation=ask} 0
    requests_failed_total{agent=assistant,error_type=Script,operation=evaluate} 1
    requests_failed_total{agent=assistant,error_type=Script,operation=search} 0
    requests_success_total{agent=assistant,operation=ask} 2
    requests_success_total{agent=assistant,operation=evaluate} 1
    requests_success_total{agent=assistant,operation=search} 1
    requests_total{agent=assistant,operation=ask} 4
    requests_total{agent=assistant,operation=evaluate} 2
    requests_total{agent=assistant,operation=search} 2
    retries_exhausted_total{service=llm_api} 1
    retries_total{attempt=1,service=llm_api} 2
    retries_total{attempt=2,service=llm_api} 1
    retries_total{attempt=3,service=llm_api} 1
    search_api_calls_total{} 2
";

/// Calls a tool and returns whether the result is marked as an error, and its text.
async fn call(session: &Session, tool: &'static str, text: &str) -> (bool, String) {
    let arguments = json!({ "text": text });
    let arguments = arguments.as_object().cloned().expect("an object");
    let request = CallToolRequestParams::new(tool).with_arguments(arguments);
    let result = session.call_tool(request).await.expect("a result");
    let content = result.content.first().and_then(|content| content.as_text());
    let text = content.expect("a text").text.clone();
    (result.is_error == Some(true), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_all_tools_are_exported() {
    let mut command = command("rmcp_server");
    let command = command.arg("127.0.0.1:0").stdout(Stdio::null());
    let mut server = Process::start("rmcp_server", command);
    let address = address(&mut server, "MCP");

    // An error means that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build();
    let transport = StreamableHttpClientTransport::with_client(
        http.expect("a client"),
        StreamableHttpClientTransportConfig::with_uri(format!("http://{address}/mcp")),
    );
    let session = ClientConfig::default().serve(transport).await;
    let session = session.expect("a session");
    let tools = session.list_all_tools().await.expect("the tools");
    let mut tools: Vec<_> = tools
        .into_iter()
        .map(|tool| {
            (
                tool.name.into_owned(),
                tool.description.expect("a text").into_owned(),
            )
        })
        .collect();
    tools.sort();
    let expected = [
        ("ask", "Answers a question with the language model."),
        ("evaluate", "Evaluates a Rhai script."),
        ("search", "Searches the documents."),
    ];
    assert_eq!(
        tools,
        expected.map(|(name, text)| (name.into(), text.into()))
    );

    for (tool, text, is_error, answer) in [
        ("ask", "why?", false, "An answer to \"why?\""),
        ("ask", "why?", false, "An answer to \"why?\""),
        ("ask", "busy?", true, "the language model is busy"),
        ("ask", "", true, "nothing found"),
        ("search", "down", false, "Gauges go up and down."),
        ("search", "bananas", true, "nothing found"),
        ("evaluate", "6 * 7", false, "42"),
    ] {
        let expected = (is_error, answer.to_owned());
        assert_eq!(
            call(&session, tool, text).await,
            expected,
            "{tool} {text:?}"
        );
    }
    let (is_error, text) = call(&session, "evaluate", "1 / 0").await;
    assert!(
        is_error && text.starts_with("the script failed: "),
        "{text}"
    );

    assert_series(&scrape(address), EXPECTED);
    // With an open session.
    terminate(&mut server);
}
