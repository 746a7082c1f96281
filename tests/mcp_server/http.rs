//! Streamable HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::SessionManager as _;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;

use crate::calls;

/// Serves at `/mcp` of a free port. A request to `/expire` ends all sessions, and one to `/release`
/// all calls of the tool `deaf`.
pub(crate) async fn serve<S: ServerHandler>(
    handler: impl Fn() -> S + Send + Sync + 'static,
    stateful: bool,
    json: bool,
) {
    // `MeteredSessions` would wrap the session manager here, and `McpHttpLayer` the service.
    let sessions = Arc::new(LocalSessionManager::default());
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(stateful)
        .with_json_response(json)
        // The server notices the end of a connection at its next write.
        .with_sse_keep_alive(Some(Duration::from_millis(100)));
    let service = StreamableHttpService::new(move || Ok(handler()), sessions.clone(), config);
    let router = Router::new()
        .nest_service("/mcp", service)
        .route("/expire", post(move || expire(sessions.clone())))
        .route("/release", post(async || calls::release()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    eprintln!("mcp: {address}");
    axum::serve(listener, router).await.expect("a listener");
}

async fn expire(sessions: Arc<LocalSessionManager>) {
    let ids: Vec<_> = sessions.sessions.read().await.keys().cloned().collect();
    for id in ids {
        // It may have ended meanwhile.
        let _ = sessions.close_session(&id).await;
    }
}
