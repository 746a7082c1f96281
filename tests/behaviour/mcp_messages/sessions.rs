//! `MeteredSessions`, in a stateful HTTP server.

use std::time::Duration;

use mcp_metrics::mcp::MeteredTransport;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_server::session::local::SessionConfig;
use rmcp::{RoleClient, ServiceExt as _};

use super::http::HttpServer;
use super::links::call;
use super::peers::{Answering, Asker, size};
use super::recorded::{Metrics, recorded_over_sockets};

const ACTIVE: &str = r#"mcp_server_active_sessions{network_transport="tcp"}"#;
const ENDED: &str = r#"mcp_server_session_duration_seconds_count{network_transport="tcp""#;

/// Asserts the number of open sessions, and of those that ended with these `error_type` labels.
#[track_caller]
fn assert_sessions(metrics: &Metrics, active: u32, ended: &[(&str, u32)]) {
    metrics.assert_family(
        "mcp_server_active_sessions",
        &[&format!("{ACTIVE} {active}")],
    );
    let ended: Vec<_> = ended
        .iter()
        .map(|(labels, count)| format!("{ENDED}{labels}}} {count}"))
        .collect();
    let ended: Vec<_> = ended.iter().map(String::as_str).collect();
    metrics.assert_family("mcp_server_session_duration", &ended);
    metrics.assert_family(
        "mcp_server_sessions_total",
        &[r#"mcp_server_sessions_total{client_name="raw",client_version="1",mcp_protocol_version="2025-11-25"} 1"#],
    );
}

#[test]
fn session_that_the_client_deletes_has_no_error_type() {
    recorded_over_sockets(async |metrics| {
        let asker = Asker::new();
        let server = HttpServer::start(&asker, SessionConfig::default()).await;
        let session = server.initialize().await;
        server.call(&session, "fails").await;
        assert_sessions(&metrics, 1, &[]);

        server.delete(&session).await;
        asker.has_ended().await;
        assert_sessions(&metrics, 0, &[("", 1)]);
        metrics.assert_family("mcp_server_undelivered", &[]);
    });
}

#[test]
fn session_that_is_idle_for_too_long_has_timed_out() {
    recorded_over_sockets(async |metrics| {
        let asker = Asker::new();
        let mut config = SessionConfig::default();
        config.keep_alive = Some(Duration::from_secs(1));
        let server = HttpServer::start(&asker, config).await;
        server.initialize().await;
        asker.has_ended().await;
        assert_sessions(&metrics, 0, &[(r#",error_type="timeout""#, 1)]);
    });
}

#[test]
fn session_of_a_stopped_server_has_no_error_type() {
    recorded_over_sockets(async |metrics| {
        let asker = Asker::new();
        let server = HttpServer::start(&asker, SessionConfig::default()).await;
        let session = server.initialize().await;
        server.call(&session, "fails").await;
        server.stop();
        asker.has_ended().await;
        assert_sessions(&metrics, 0, &[("", 1)]);
    });
}

#[test]
fn request_of_a_deleted_session_is_undelivered() {
    recorded_over_sockets(async |metrics| {
        let asker = Asker::new();
        let server = HttpServer::start(&asker, SessionConfig::default()).await;
        let session = server.initialize().await;
        tokio::join!(server.call(&session, "wait"), async {
            asker.has_begun().await;
            server.delete(&session).await;
            asker.released.add_permits(1);
        });
        asker.has_ended().await;
        assert_sessions(&metrics, 0, &[("", 1)]);
        metrics.assert_family(
            "mcp_server_undelivered",
            &[r#"mcp_server_undelivered_responses_total{network_transport="tcp"} 1"#],
        );
    });
}

#[test]
fn stream_that_cannot_be_resumed_is_undelivered() {
    recorded_over_sockets(async |metrics| {
        let asker = Asker::new();
        let server = HttpServer::start(&asker, SessionConfig::default()).await;
        let session = server.initialize().await;
        drop(server.begin_call(&session, "wait").await);
        asker.has_begun().await;
        let resumed = server.resume(&session, "0/0").await;
        asker.released.add_permits(1);
        assert!(resumed.text().await.unwrap().contains("released"));
        metrics.assert_family("mcp_server_undelivered", &[]);

        // rmcp does not keep a response that was sent.
        let resumed = server.resume(&session, "0/0").await;
        assert_eq!(resumed.text().await.unwrap(), "");
        metrics.assert_family(
            "mcp_server_undelivered",
            &[r#"mcp_server_undelivered_responses_total{network_transport="tcp"} 1"#],
        );
    });
}

#[test]
fn messages_of_a_session_are_recorded() {
    recorded_over_sockets(async |metrics| {
        let asker = Asker::new();
        let server = HttpServer::start(&asker, SessionConfig::default()).await;
        let http = StreamableHttpClientTransport::from_uri(server.url.as_str());
        let transport = MeteredTransport::<RoleClient, _>::new(http);
        let client = Answering::Answers.serve(transport).await.unwrap();
        client.call_tool(call("sample")).await.unwrap();
        client.call_tool(call("notify")).await.unwrap();
        client.cancel().await.unwrap();
        asker.has_ended().await;

        metrics.assert_family(
            "mcp_server_client_request",
            &[r#"mcp_server_client_request_duration_seconds_count{mcp_method_name="sampling/createMessage"} 1"#],
        );
        metrics.assert_family(
            "mcp_server_result_size_bytes_sum",
            &[
                &format!(
                    r#"mcp_server_result_size_bytes_sum{{gen_ai_tool_name="notify"}} {}"#,
                    size("notified")
                ),
                &format!(
                    r#"mcp_server_result_size_bytes_sum{{gen_ai_tool_name="sample"}} {}"#,
                    size("answered")
                ),
            ],
        );
        metrics.assert_family(
            "mcp_server_notifications",
            &[
                r#"mcp_server_notifications_total{mcp_method_name="_OTHER",direction="sent"} 1"#,
                r#"mcp_server_notifications_total{mcp_method_name="notifications/initialized",direction="received"} 1"#,
                r#"mcp_server_notifications_total{mcp_method_name="notifications/message",direction="sent"} 1"#,
                r#"mcp_server_notifications_total{mcp_method_name="notifications/tools/list_changed",direction="sent"} 1"#,
            ],
        );
        metrics.assert_family(
            "mcp_client",
            &[
                r#"mcp_client_operation_duration_seconds_count{mcp_method_name="initialize",network_transport="tcp"} 1"#,
                r#"mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_tool_name="notify",network_transport="tcp"} 1"#,
                r#"mcp_client_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_tool_name="sample",network_transport="tcp"} 1"#,
            ],
        );
        metrics.assert_family("mcp_server_undelivered", &[]);
    });
}
