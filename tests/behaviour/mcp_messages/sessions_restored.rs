//! `MeteredSessions`, with sessions that another server began.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rmcp::transport::streamable_http_server::session::local::SessionConfig;
use rmcp::transport::streamable_http_server::session::{
    SessionState, SessionStore, SessionStoreError,
};

use super::http::HttpServer;
use super::peers::Asker;
use super::recorded::recorded_over_sockets;

/// Sessions that several servers share.
#[derive(Default)]
struct Shared(Mutex<HashMap<String, SessionState>>);

#[async_trait::async_trait]
impl SessionStore for Shared {
    async fn load(&self, id: &str) -> Result<Option<SessionState>, SessionStoreError> {
        Ok(self.0.lock().unwrap().get(id).cloned())
    }

    async fn store(&self, id: &str, state: &SessionState) -> Result<(), SessionStoreError> {
        self.0.lock().unwrap().insert(id.to_owned(), state.clone());
        Ok(())
    }

    async fn delete(&self, id: &str) -> Result<(), SessionStoreError> {
        self.0.lock().unwrap().remove(id);
        Ok(())
    }
}

#[test]
fn messages_of_a_restored_session_are_recorded() {
    recorded_over_sockets(async |metrics| {
        let asker = Asker::new();
        let store: Arc<dyn SessionStore> = Arc::new(Shared::default());
        let config = SessionConfig::default();
        let with_store = || HttpServer::with_store(&asker, config.clone(), Some(store.clone()));

        let first = with_store().await;
        let session = first.initialize().await;
        first.call(&session, "echo").await;
        let size = |calls: u32| {
            let family = "mcp_server_result_size_bytes_count";
            format!("{family}{{gen_ai_tool_name=\"echo\"}} {calls}")
        };
        metrics.assert_family("mcp_server_result_size_bytes_count", &[&size(1)]);

        let second = with_store().await;
        second.call(&session, "echo").await;
        metrics.assert_family("mcp_server_result_size_bytes_count", &[&size(2)]);

        // It is open in both servers.
        metrics.assert_family(
            "mcp_server_active_sessions",
            &[r#"mcp_server_active_sessions{network_transport="tcp"} 2"#],
        );

        second.delete(&session).await;
        asker.has_ended().await;
        metrics.assert_family("mcp_server_undelivered", &[]);
        // A restored session is not a new one.
        metrics.assert_family(
            "mcp_server_sessions_total",
            &[r#"mcp_server_sessions_total{client_name="raw",client_version="1",mcp_protocol_version="2025-11-25"} 1"#],
        );
    });
}
