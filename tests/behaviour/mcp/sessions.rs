//! Sessions of a server value.

use mcp_metrics::mcp::Metered;

use super::recorder::Recorder;
use super::server::{Hub, connect};

#[tokio::test]
async fn session_lasts_from_initialized_to_the_drop_of_the_server() {
    let recorder = Recorder::new();
    let unused = Metered::new(Hub::new());
    drop(unused);
    recorder.assert_samples("mcp_server", &[]);
    let (server, client) = connect(Metered::new(Hub::new())).await;
    client.list_all_tools().await.unwrap();
    let sessions = recorder.samples("mcp_server_sessions_total{client_name=\"rmcp\",");
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert!(
        sessions[0].contains(r#"mcp_protocol_version="2025-11-25"} 1"#),
        "{sessions:?}"
    );
    recorder.assert_samples(
        "mcp_server_active_sessions",
        &[r#"{network_transport="pipe"} 1"#],
    );
    recorder.assert_samples("mcp_server_session_duration_seconds_count", &[]);

    client.cancel().await.unwrap();
    server.waiting().await.unwrap();
    recorder.assert_samples(
        "mcp_server_active_sessions",
        &[r#"{network_transport="pipe"} 0"#],
    );
    recorder.assert_samples(
        "mcp_server_session_duration_seconds_count",
        &[r#"{network_transport="pipe"} 1"#],
    );
}
