//! An HTTP server with metered sessions, and requests to it.

use std::sync::Arc;

use mcp_metrics::mcp::{Metered, MeteredSessions};
use reqwest::{RequestBuilder, Response, StatusCode};
use rmcp::transport::streamable_http_server::session::SessionStore;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::peers::Asker;

/// A server that listens until the end of its test.
pub(crate) struct HttpServer {
    pub(crate) url: String,
    config: StreamableHttpServerConfig,
    http: reqwest::Client,
}

/// The only provider that is compiled in, which reqwest requires even without TLS.
pub(crate) fn tls_provider() {
    // An error means that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

impl HttpServer {
    pub(crate) async fn start(asker: &Asker, sessions: SessionConfig) -> Self {
        Self::with_store(asker, sessions, None).await
    }

    /// Starts a server that finds the sessions of others in `store`.
    pub(crate) async fn with_store(
        asker: &Asker,
        sessions: SessionConfig,
        store: Option<Arc<dyn SessionStore>>,
    ) -> Self {
        tls_provider();
        let mut manager = LocalSessionManager::default();
        manager.session_config = sessions;
        let mut config = StreamableHttpServerConfig::default();
        config.session_store = store;
        let asker = asker.clone();
        let service = StreamableHttpService::new(
            move || Ok(Metered::new(asker.clone())),
            Arc::new(MeteredSessions::new(manager)),
            config.clone(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let router = axum::Router::new().route_service("/mcp", service);
        tokio::spawn(async { axum::serve(listener, router).await });
        let http = reqwest::Client::new();
        Self { url, config, http }
    }

    /// Ends all sessions.
    pub(crate) fn stop(&self) {
        self.config.cancellation_token.cancel();
    }

    /// Begins a session, and returns its id.
    pub(crate) async fn initialize(&self) -> String {
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "raw", "version": "1" },
        });
        let request =
            json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
        let response = self.post(None, &request).send().await.unwrap();
        let id = response.headers()["mcp-session-id"]
            .to_str()
            .unwrap()
            .to_owned();
        response.text().await.unwrap();
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let response = self.post(Some(&id), &initialized).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        id
    }

    /// Calls a tool without arguments, and returns the events of the response.
    pub(crate) async fn call(&self, session: &str, tool: &str) -> String {
        let response = self.begin_call(session, tool).await;
        response.text().await.unwrap()
    }

    /// Calls a tool without arguments, and returns the response without its events.
    pub(crate) async fn begin_call(&self, session: &str, tool: &str) -> Response {
        let params = json!({ "name": tool, "arguments": {} });
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let response = self.post(Some(session), &call).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response
    }

    /// Deletes a session.
    pub(crate) async fn delete(&self, session: &str) {
        let request = self.http.delete(&self.url);
        let response = headers(request, Some(session)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
    }

    /// Resumes an event stream.
    pub(crate) async fn resume(&self, session: &str, last_event: &str) -> Response {
        let request = headers(self.http.get(&self.url), Some(session));
        let request = request.header("last-event-id", last_event);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response
    }

    fn post(&self, session: Option<&str>, message: &Value) -> RequestBuilder {
        headers(self.http.post(&self.url), session).json(message)
    }
}

fn headers(request: RequestBuilder, session: Option<&str>) -> RequestBuilder {
    let request = request.header("accept", "application/json, text/event-stream");
    match session {
        Some(id) => request
            .header("mcp-session-id", id)
            .header("mcp-protocol-version", "2025-11-25"),
        None => request,
    }
}
