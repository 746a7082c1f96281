//! A service of a company, whose metrics come from the company's telemetry crate. It assigns support
//! tickets to people.
//!
//! ```text
//! cargo run --bin acme-tickets            # optional argument: ADDRESS
//! curl --data 'my cable is broken' http://127.0.0.1:8080/tickets
//! curl http://127.0.0.1:9464/metrics
//! ```

// Once for all attributes and derives of this crate, which depends on `acme-telemetry` only.
extern crate acme_telemetry as mcp_metrics;

mod directory;
mod model;
mod tickets;

use std::{env, error::Error, io, sync::Arc};

use acme_telemetry::web::HttpLayer;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use tokio::{net::TcpListener, signal};

use crate::{
    directory::DirectoryError,
    model::ModelError,
    tickets::{Desk, TicketError},
};

impl IntoResponse for TicketError {
    fn into_response(self) -> Response {
        match self {
            Self::Empty => (StatusCode::BAD_REQUEST, "the ticket is empty\n"),
            Self::Model(ModelError::Overloaded) => {
                (StatusCode::SERVICE_UNAVAILABLE, "try again later\n")
            }
            Self::Directory(DirectoryError::Vacant) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "no one is on duty\n")
            }
        }
        .into_response()
    }
}

async fn open(State(desk): State<Arc<Desk>>, text: String) -> Result<String, TicketError> {
    let assignee = desk.open(&text).await?;
    Ok(format!("assigned to {assignee}\n"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let _telemetry = acme_telemetry::init(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))?;

    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    tracing::info!("service at http://{}/", listener.local_addr()?);
    let routes = Router::new()
        .route("/tickets", post(open))
        .layer(HttpLayer::new("http"))
        .with_state(Arc::default());
    let shutdown = async {
        if let Err(error) = stop_signal().await {
            tracing::error!(%error, "failed to wait for signals; stopping");
        }
    };
    axum::serve(listener, routes)
        .with_graceful_shutdown(shutdown)
        .await?;
    Ok(())
}

/// Waits for Ctrl-C or, on Unix, SIGTERM, which container runtimes send.
async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
