//! `MeteredTransport` of both roles, with protocol version 2026-07-28.

use mcp_metrics::mcp::MeteredTransport;
use rmcp::model::{ProtocolVersion, SubscriptionFilter};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _};
use rmcp::transport::IntoTransport as _;
use rmcp::{RoleClient, RoleServer, ServiceExt as _};

use super::links::echo;
use super::peers::Asker;
use super::recorded::recorded;

#[test]
fn subscription_is_neither_an_operation_nor_undelivered() {
    recorded(async |metrics| {
        let (server, client) = tokio::io::duplex(64 * 1024);
        let server = MeteredTransport::<RoleServer, _>::new(server.into_transport());
        let client = MeteredTransport::<RoleClient, _>::new(client.into_transport());
        let lifecycle = ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        };
        let server = tokio::spawn(Asker::new().serve(server));
        let client = ().serve_with_lifecycle(client, lifecycle).await.unwrap();
        client.call_tool(echo("")).await.unwrap();
        let filter = SubscriptionFilter::builder().tools_list_changed().build();
        let subscription = client.listen(filter).await.unwrap();

        client.cancel().await.unwrap();
        drop(subscription);
        server.await.unwrap().unwrap().waiting().await.unwrap();
        metrics.assert_family(
            "mcp_client",
            &[
                r#"mcp_client_operation_duration_seconds_count{mcp_method_name="server/discover",network_transport="pipe"} 1"#,
                r#"mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_tool_name="echo",network_transport="pipe"} 1"#,
            ],
        );
        metrics.assert_family(
            "mcp_server_notifications",
            &[r#"mcp_server_notifications_total{mcp_method_name="notifications/subscriptions/acknowledged",direction="sent"} 1"#],
        );
        metrics.assert_family(
            "mcp_server_result_size_bytes_count",
            &[r#"mcp_server_result_size_bytes_count{gen_ai_tool_name="echo"} 1"#],
        );
        metrics.assert_family("mcp_server_undelivered", &[]);
    });
}
