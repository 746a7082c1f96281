//! `MeteredTransport` of a server.

use std::future::poll_fn;
use std::task::Poll;

use super::links::{call, echo, metered_server};
use super::peers::{Answering, Asker, size};
use super::recorded::recorded;
use rmcp::model::{CallToolRequest, ClientRequest};
use rmcp::service::PeerRequestOptions;

const UNDELIVERED: &str = r#"mcp_server_undelivered_responses_total{network_transport="pipe"} 1"#;

#[test]
fn tool_results_are_measured() {
    recorded(async |metrics| {
        let (server, client) = metered_server(&Asker::new(), ()).await;
        metrics.assert(&[]);

        client.call_tool(echo("")).await.unwrap();
        let long = "é".repeat(1_000);
        client.call_tool(echo(&long)).await.unwrap();
        // Its tool is not known: servers report unknown tools in this way, too.
        client.call_tool(call("fails")).await.unwrap();
        client.call_tool(call("breaks")).await.unwrap_err();
        client.list_all_tools().await.unwrap();

        let sum = size("") + size(&long);
        let expected = [
            r#"mcp_server_result_size_bytes_count{gen_ai_tool_name="echo"} 2"#,
            &format!(r#"mcp_server_result_size_bytes_sum{{gen_ai_tool_name="echo"}} {sum}"#),
        ];
        metrics.assert(&expected);

        client.cancel().await.unwrap();
        server.waiting().await.unwrap();
        metrics.assert(&expected);
    });
}

#[test]
fn invented_tool_names_add_no_series() {
    recorded(async |metrics| {
        let (server, client) = metered_server(&Asker::new(), ()).await;
        for number in 0..1_000 {
            let invented = call(format!("invented_{number}"));
            client.call_tool(invented).await.unwrap_err();
        }
        client.cancel().await.unwrap();
        server.waiting().await.unwrap();
        metrics.assert(&[]);
    });
}

#[test]
fn requests_to_the_client_are_timed_with_their_answers() {
    recorded(async |metrics| {
        let (_server, client) = metered_server(&Asker::new(), Answering::Answers).await;
        for tool in ["sample", "elicit", "roots", "ping", "ask"] {
            client.call_tool(call(tool)).await.unwrap();
        }
        metrics.assert_family(
            "mcp_server_client_request",
            &[
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="_OTHER",error_type="-32601"} 1"#,
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="elicitation/create"} 1"#,
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="ping"} 1"#,
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="roots/list"} 1"#,
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="sampling/createMessage"} 1"#,
            ],
        );
    });
}

#[test]
fn error_of_the_client_is_the_error_type() {
    recorded(async |metrics| {
        let (_server, client) = metered_server(&Asker::new(), Answering::Fails).await;
        client.call_tool(call("sample")).await.unwrap();
        metrics.assert_family(
            "mcp_server_client_request",
            &[r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="sampling/createMessage",error_type="-32603"} 1"#],
        );
    });
}

#[test]
fn timeouts_and_cancellations_of_requests_to_the_client_differ() {
    recorded(async |metrics| {
        let (_server, client) = metered_server(&Asker::new(), Answering::Never).await;
        client.call_tool(call("sample_in_a_second")).await.unwrap();
        client.call_tool(call("sample_and_cancel")).await.unwrap();
        metrics.assert_family(
            "mcp_server_client_request",
            &[
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="sampling/createMessage",error_type="cancelled"} 1"#,
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="sampling/createMessage",error_type="timeout"} 1"#,
            ],
        );
        metrics.assert_family(
            "mcp_server_notifications",
            &[r#"mcp_server_notifications_total{mcp_method_name="notifications/cancelled",direction="sent"} 2"#],
        );
    });
}

#[test]
fn request_to_a_client_that_disconnects_is_cancelled() {
    recorded(async |metrics| {
        let (server, client) = metered_server(&Asker::new(), Answering::Never).await;
        let sampling = client.call_tool(call("sample"));
        let mut sampling = std::pin::pin!(sampling);
        poll_fn(|cx| {
            assert!(sampling.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        // The ping is answered after the server has sent its request.
        client.call_tool(call("ping")).await.unwrap();
        client.cancellation_token().cancel();
        sampling.await.unwrap_err();
        server.waiting().await.unwrap();

        metrics.assert_family(
            "mcp_server_client_request",
            &[
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="ping"} 1"#,
                r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="sampling/createMessage",error_type="cancelled"} 1"#,
            ],
        );
        // The result of the tool, whose request was cancelled.
        metrics.assert_family("mcp_server_undelivered", &[UNDELIVERED]);
    });
}

#[test]
fn sent_notifications_are_counted() {
    recorded(async |metrics| {
        let (_server, client) = metered_server(&Asker::new(), ()).await;
        client.call_tool(call("notify")).await.unwrap();
        let size = size("notified");
        metrics.assert(&[
            r#"mcp_server_notifications_total{mcp_method_name="_OTHER",direction="sent"} 1"#,
            r#"mcp_server_notifications_total{mcp_method_name="notifications/message",direction="sent"} 1"#,
            r#"mcp_server_notifications_total{mcp_method_name="notifications/tools/list_changed",direction="sent"} 1"#,
            r#"mcp_server_result_size_bytes_count{gen_ai_tool_name="notify"} 1"#,
            &format!(r#"mcp_server_result_size_bytes_sum{{gen_ai_tool_name="notify"}} {size}"#),
        ]);
    });
}

#[test]
fn response_to_a_client_that_left_is_undelivered() {
    recorded(async |metrics| {
        let asker = Asker::new();
        let (server, client) = metered_server(&asker, ()).await;
        tokio::join!(client.call_tool(call("wait")), async {
            asker.has_begun().await;
            client.cancellation_token().cancel();
        })
        .0
        .unwrap_err();
        drop(client);
        metrics.assert_family("mcp_server_undelivered", &[]);

        asker.released.add_permits(1);
        server.waiting().await.unwrap();
        metrics.assert_family("mcp_server_undelivered", &[UNDELIVERED]);
    });
}

#[test]
fn request_that_is_never_answered_is_undelivered() {
    recorded(async |metrics| {
        let asker = Asker::new();
        let (server, client) = metered_server(&asker, ()).await;
        tokio::join!(client.call_tool(call("hang")), async {
            asker.has_begun().await;
            client.cancellation_token().cancel();
        })
        .0
        .unwrap_err();
        server.waiting().await.unwrap();
        metrics.assert(&[UNDELIVERED]);
    });
}

#[test]
fn request_that_the_client_cancels_needs_no_response() {
    recorded(async |metrics| {
        let asker = Asker::new();
        let (server, client) = metered_server(&asker, ()).await;
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(call("wait")));
        let options = PeerRequestOptions::no_options();
        let request = client.send_cancellable_request(request, options).await;
        asker.has_begun().await;
        request.unwrap().cancel(None).await.unwrap();
        // Answered after the server has received the cancellation.
        client.call_tool(echo("")).await.unwrap();
        asker.released.add_permits(1);
        client.cancel().await.unwrap();
        server.waiting().await.unwrap();
        metrics.assert_family("mcp_server_undelivered", &[]);
    });
}
