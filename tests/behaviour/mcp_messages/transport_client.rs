//! `MeteredTransport` of a client.

use std::time::Duration;

use mcp_metrics::mcp::MeteredTransport;
use rmcp::model::{CallToolRequest, ClientRequest, GetPromptRequestParams};
use rmcp::service::{PeerRequestOptions, ServiceError};
use rmcp::transport::{IntoTransport as _, StreamableHttpClientTransport};
use rmcp::{RoleClient, ServiceExt as _};

use super::http::tls_provider;
use super::links::{call, echo, metered_client};
use super::peers::Asker;
use super::recorded::{Metrics, recorded, recorded_over_sockets};

/// Asserts the counts of operations with these labels.
#[track_caller]
fn assert_operations(metrics: &Metrics, transport: &str, expected: &[(&str, u32)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(labels, count)| {
            format!(
                "mcp_client_operation_duration_seconds_count{{mcp_method_name={labels},\
                 network_transport=\"{transport}\"}} {count}"
            )
        })
        .collect();
    metrics.assert(&expected.iter().map(String::as_str).collect::<Vec<_>>());
}

fn request(tool: &'static str) -> ClientRequest {
    ClientRequest::CallToolRequest(CallToolRequest::new(call(tool)))
}

#[test]
fn every_request_is_an_operation_with_its_outcome() {
    recorded(async |metrics| {
        let (_server, client) = metered_client(&Asker::new()).await;
        assert_operations(&metrics, "pipe", &[(r#""initialize""#, 1)]);

        client.list_all_tools().await.unwrap();
        client.call_tool(echo("")).await.unwrap();
        client.call_tool(echo("")).await.unwrap();
        client.call_tool(call("fails")).await.unwrap();
        client.call_tool(call("breaks")).await.unwrap_err();
        client.call_tool(call("listed")).await.unwrap_err();
        let prompt = |name: &str| client.get_prompt(GetPromptRequestParams::new(name));
        prompt("greeting").await.unwrap();
        prompt("invented").await.unwrap_err();

        let expected = [
            (r#""initialize""#, 1),
            (r#""tools/list""#, 1),
            (r#""tools/call",gen_ai_tool_name="echo""#, 2),
            // Servers report unknown tools in this way, too.
            (r#""tools/call",error_type="tool_error""#, 1),
            (
                r#""tools/call",gen_ai_tool_name="breaks",error_type="-32603""#,
                1,
            ),
            (
                r#""tools/call",gen_ai_tool_name="listed",error_type="-32602""#,
                1,
            ),
            (r#""prompts/get",gen_ai_prompt_name="greeting""#, 1),
            (r#""prompts/get",error_type="-32602""#, 1),
        ];
        assert_operations(&metrics, "pipe", &expected);
        client.cancel().await.unwrap();
        assert_operations(&metrics, "pipe", &expected);
    });
}

#[test]
fn invented_tool_names_are_one_series() {
    recorded(async |metrics| {
        let (_server, client) = metered_client(&Asker::new()).await;
        for number in 0..1_000 {
            let invented = call(format!("invented_{number}"));
            client.call_tool(invented).await.unwrap_err();
        }
        assert_operations(
            &metrics,
            "pipe",
            &[
                (r#""initialize""#, 1),
                (r#""tools/call",error_type="-32602""#, 1_000),
            ],
        );
    });
}

#[test]
fn timeouts_and_cancellations_differ() {
    recorded(async |metrics| {
        let asker = Asker::new();
        let (_server, client) = metered_client(&asker).await;

        let second = Duration::from_secs(1);
        let idle = PeerRequestOptions::with_timeout(second);
        let total = PeerRequestOptions::no_options().with_max_total_timeout(second);
        for options in [idle, total] {
            let sent = client
                .send_cancellable_request(request("hang"), options)
                .await;
            let timeout = sent.unwrap().await_response().await.unwrap_err();
            assert!(matches!(timeout, ServiceError::Timeout { .. }));
        }
        assert_operations(
            &metrics,
            "pipe",
            &[
                (r#""initialize""#, 1),
                (r#""tools/call",error_type="timeout""#, 2),
            ],
        );

        let options = PeerRequestOptions::no_options();
        let sent = client
            .send_cancellable_request(request("hang"), options)
            .await;
        sent.unwrap()
            .cancel(Some("enough".to_owned()))
            .await
            .unwrap();
        assert_operations(
            &metrics,
            "pipe",
            &[
                (r#""initialize""#, 1),
                (r#""tools/call",error_type="cancelled""#, 1),
                (r#""tools/call",error_type="timeout""#, 2),
            ],
        );
    });
}

#[test]
fn request_on_a_connection_that_the_server_ends_is_a_transport_failure() {
    recorded(async |metrics| {
        let asker = Asker::new();
        let (server, client) = metered_client(&asker).await;
        tokio::join!(client.call_tool(call("hang")), async {
            asker.has_begun().await;
            server.cancel().await.unwrap();
        })
        .0
        .unwrap_err();
        assert_operations(
            &metrics,
            "pipe",
            &[
                (r#""initialize""#, 1),
                (r#""tools/call",error_type="transport""#, 1),
            ],
        );
    });
}

#[test]
fn request_on_a_connection_that_the_client_ends_is_cancelled() {
    recorded(async |metrics| {
        let asker = Asker::new();
        let (_server, client) = metered_client(&asker).await;
        let options = PeerRequestOptions::no_options();
        let sent = client
            .send_cancellable_request(request("hang"), options)
            .await;
        asker.has_begun().await;
        client.cancel().await.unwrap();
        sent.unwrap().await_response().await.unwrap_err();
        assert_operations(
            &metrics,
            "pipe",
            &[
                (r#""initialize""#, 1),
                (r#""tools/call",error_type="cancelled""#, 1),
            ],
        );
    });
}

#[test]
fn request_that_cannot_be_sent_is_a_transport_failure() {
    recorded(async |metrics| {
        let (server, client) = tokio::io::duplex(1_024);
        drop(server);
        let transport = MeteredTransport::<RoleClient, _>::new(client.into_transport());
        ().serve(transport).await.unwrap_err();
        let expected = [(r#""initialize",error_type="transport""#, 1)];
        assert_operations(&metrics, "pipe", &expected);
    });
}

#[test]
fn refused_http_connection_is_a_transport_failure() {
    recorded_over_sockets(async |metrics| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        tls_provider();
        let http = StreamableHttpClientTransport::from_uri(format!("http://{address}/mcp"));
        let transport = MeteredTransport::<RoleClient, _>::new(http);
        ().serve(transport).await.unwrap_err();
        let expected = [(r#""initialize",error_type="transport""#, 1)];
        assert_operations(&metrics, "tcp", &expected);
    });
}

#[test]
fn transport_over_a_network_is_labelled_as_such() {
    recorded(async |metrics| {
        let (_server, client) = tokio::io::duplex(1_024);
        let transport = MeteredTransport::<RoleClient, _>::new(client.into_transport()).over_tcp();
        let connecting = ().serve(transport);
        let connected = tokio::time::timeout(Duration::from_secs(1), connecting).await;
        assert!(connected.is_err(), "the server does not answer");
        // The transport was dropped.
        assert_operations(
            &metrics,
            "tcp",
            &[(r#""initialize",error_type="cancelled""#, 1)],
        );
    });
}
