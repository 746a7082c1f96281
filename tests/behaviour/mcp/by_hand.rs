//! Servers that implement `call_tool` by hand.

use mcp_metrics::mcp::Metered;
use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use super::recorder::Recorder;
use super::server::{call, connect};

const CALLS: &str = "mcp_server_operation_duration_seconds_count{mcp_method_name=\"tools/call\",";

/// A handler without `get_tool`: its tools are only known from its answers.
struct ByHand;

impl ServerHandler for ByHand {
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        match &*request.name {
            "add" => Ok(CallToolResult::success(Vec::new()).into()),
            "breaks" => Err(ErrorData::internal_error("broken", None)),
            name if name.starts_with("is_error") => Ok(CallToolResult::error(Vec::new()).into()),
            _ => Err(ErrorData::invalid_params("no such tool", None)),
        }
    }
}

#[tokio::test]
async fn tools_of_a_handler_without_a_router_are_known_from_their_answers() {
    let recorder = Recorder::new();
    let (_server, client) = connect(Metered::new(ByHand).agent("by hand")).await;
    client.call_tool(call("invented")).await.unwrap_err();
    client.call_tool(call("add")).await.unwrap();
    client.call_tool(call("add")).await.unwrap();
    client.call_tool(call("breaks")).await.unwrap_err();
    recorder.assert_samples(
        CALLS,
        &[
            r#"error_type="-32602",network_transport="pipe"} 1"#,
            r#"gen_ai_tool_name="add",network_transport="pipe"} 2"#,
            r#"gen_ai_tool_name="breaks",error_type="-32603",network_transport="pipe"} 1"#,
        ],
    );
    recorder.assert_samples(
        "mcp_hub_requests_success_total{",
        &[
            r#"agent="by hand",operation="add"} 2"#,
            r#"agent="by hand",operation="breaks"} 0"#,
            r#"agent="by hand",operation="other"} 0"#,
        ],
    );
    recorder.assert_samples(
        "mcp_hub_requests_failed_total{",
        &[
            r#"agent="by hand",operation="breaks",error_type="-32603"} 1"#,
            r#"agent="by hand",operation="other",error_type="-32602"} 1"#,
        ],
    );
    recorder.assert_samples("mcp_hub_active_operations{", &[r#"agent="by hand"} 0"#]);
}

#[tokio::test]
async fn names_that_are_answered_with_is_error_add_no_series() {
    let recorder = Recorder::new();
    let (_server, client) = connect(Metered::new(ByHand)).await;
    client.call_tool(call("is_error")).await.unwrap();
    let series = recorder.samples("mcp_").len();
    for n in 0..1_100 {
        client
            .call_tool(call(format!("is_error {n}")))
            .await
            .unwrap();
    }
    assert_eq!(recorder.samples("mcp_").len(), series);
    client.call_tool(call("add")).await.unwrap();
    recorder.assert_samples(
        CALLS,
        &[
            r#"error_type="tool_error",network_transport="pipe"} 1101"#,
            r#"gen_ai_tool_name="add",network_transport="pipe"} 1"#,
        ],
    );
}
