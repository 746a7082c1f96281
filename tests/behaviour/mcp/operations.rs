//! Outcomes of operations, and the names that are labels.

use mcp_metrics::mcp::Metered;
use rmcp::model::{CallToolRequestParams, ClientRequest, CustomRequest, PingRequest};
use serde_json::json;

use super::recorder::Recorder;
use super::server::{Hub, call, connect};

const OPERATIONS: &str = "mcp_server_operation_duration_seconds_count";

#[tokio::test]
async fn each_outcome_of_a_tool_has_a_series() {
    let recorder = Recorder::new();
    let (_server, client) = connect(Metered::new(Hub::new())).await;
    client.call_tool(call("fast")).await.unwrap();
    client.call_tool(call("fast")).await.unwrap();
    client.call_tool(call("fails")).await.unwrap();
    client.call_tool(call("breaks")).await.unwrap_err();
    let arguments = json!({ "text": 7 }).as_object().cloned().unwrap();
    let bad = CallToolRequestParams::new("echo").with_arguments(arguments);
    // rmcp answers wrong arguments with a result that has `isError`.
    client.call_tool(bad).await.unwrap();
    recorder.assert_samples(
        &format!("{OPERATIONS}{{mcp_method_name=\"tools/call\","),
        &[
            r#"gen_ai_tool_name="breaks",error_type="-32603",network_transport="pipe"} 1"#,
            r#"gen_ai_tool_name="echo",error_type="tool_error",network_transport="pipe"} 1"#,
            r#"gen_ai_tool_name="fails",error_type="tool_error",network_transport="pipe"} 1"#,
            r#"gen_ai_tool_name="fast",network_transport="pipe"} 2"#,
        ],
    );
    recorder.assert_samples("mcp_server_unknown_tool_calls_total", &[]);
}

#[tokio::test]
async fn each_method_has_a_series_and_custom_ones_share_one() {
    let recorder = Recorder::new();
    let (_server, client) = connect(Metered::new(Hub::new())).await;
    client.list_all_tools().await.unwrap();
    client.list_all_prompts().await.unwrap();
    let ping = ClientRequest::PingRequest(PingRequest::default());
    client.send_request(ping).await.unwrap();
    for method in ["made/up", "another", "tools/call"] {
        let request = ClientRequest::CustomRequest(CustomRequest::new(method, None));
        client.send_request(request).await.unwrap_err();
    }
    recorder.assert_samples(
        OPERATIONS,
        &[
            r#"{mcp_method_name="_OTHER",error_type="-32601",network_transport="pipe"} 2"#,
            r#"{mcp_method_name="initialize",network_transport="pipe"} 1"#,
            r#"{mcp_method_name="ping",network_transport="pipe"} 1"#,
            r#"{mcp_method_name="prompts/list",network_transport="pipe"} 1"#,
            r#"{mcp_method_name="tools/call",error_type="-32601",network_transport="pipe"} 1"#,
            r#"{mcp_method_name="tools/list",network_transport="pipe"} 1"#,
        ],
    );
    let active = recorder.samples("mcp_server_active_requests");
    assert_eq!(active.len(), 6, "{active:?}");
    assert!(active.iter().all(|line| line.ends_with(" 0")), "{active:?}");
}

#[tokio::test]
async fn invented_names_add_no_series() {
    let recorder = Recorder::new();
    let (_server, client) = connect(Metered::new(Hub::new())).await;
    client.call_tool(call("fast")).await.unwrap();
    client.call_tool(call("invented")).await.unwrap_err();
    let series = recorder.samples("mcp_").len();
    for n in 0..1_000 {
        client
            .call_tool(call(format!("invented {n}")))
            .await
            .unwrap_err();
    }
    client.call_tool(call("fast")).await.unwrap();
    assert_eq!(recorder.samples("mcp_").len(), series);
    recorder.assert_samples("mcp_server_unknown_tool_calls_total", &[" 1001"]);
    recorder.assert_samples(
        &format!("{OPERATIONS}{{mcp_method_name=\"tools/call\","),
        &[
            r#"error_type="-32602",network_transport="pipe"} 1001"#,
            r#"gen_ai_tool_name="fast",network_transport="pipe"} 2"#,
        ],
    );
}

#[tokio::test]
async fn prompt_is_a_label_once_the_server_has_answered_with_it() {
    let recorder = Recorder::new();
    let (_server, client) = connect(Metered::new(Hub::new())).await;
    let prompt = |name: &str| rmcp::model::GetPromptRequestParams::new(name);
    client.get_prompt(prompt("invented")).await.unwrap_err();
    client.get_prompt(prompt("greeting")).await.unwrap();
    recorder.assert_samples(
        &format!("{OPERATIONS}{{mcp_method_name=\"prompts/get\","),
        &[
            r#"error_type="-32602",network_transport="pipe"} 1"#,
            r#"gen_ai_prompt_name="greeting",network_transport="pipe"} 1"#,
        ],
    );
}

#[tokio::test]
async fn resource_errors_have_the_code_that_the_client_receives() {
    let recorder = Recorder::new();
    let (_server, client) = connect(Metered::new(Hub::new())).await;
    let resource = rmcp::model::ReadResourceRequestParams::new("file:///missing");
    client.read_resource(resource).await.unwrap_err();
    recorder.assert_samples(
        &format!("{OPERATIONS}{{mcp_method_name=\"resources/read\","),
        &[r#"error_type="-32002",network_transport="pipe"} 1"#],
    );
}
