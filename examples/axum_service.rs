//! A web service with metrics (axum, without MCP): a layer that records every route, tracked functions
//! below the handlers, and a tracked background task. The metrics have a separate address, which
//! clients of the service need not reach.
//!
//! ```text
//! cargo run --bin axum_service            # optional arguments: ADDRESS METRICS_ADDRESS
//! curl --data 'buy tea' http://127.0.0.1:8080/notes
//! curl http://127.0.0.1:9464/metrics
//! ```

use std::{
    env,
    error::Error,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use mcp_metrics::{ErrorType, Exporter, tracked, web::HttpLayer};
use tokio::{net::TcpListener, signal, time};

/// Maximum number of notes.
const CAPACITY: usize = 100;
/// Time after which notes are removed, and interval of the background task.
const LIFETIME: Duration = Duration::from_hours(1);
const EXPIRY_INTERVAL: Duration = Duration::from_mins(10);

/// The notes with the times of their creation, shared by all handlers.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<(Instant, String)>>>);

/// An error of [`Notes::add`]. The names of the variants are the values of the label `error_type`.
#[derive(Debug, ErrorType)]
enum AddError {
    Empty,
    Full,
}

impl Notes {
    /// Locks the notes. Poisoning is ignored, because a panic cannot leave them inconsistent.
    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a note. The layer records the status of the response, and this attribute the reason.
    #[tracked("store", "add")]
    fn add(&self, text: String) -> Result<(), AddError> {
        if text.trim().is_empty() {
            return Err(AddError::Empty);
        }
        let mut notes = self.lock();
        if notes.len() == CAPACITY {
            return Err(AddError::Full);
        }
        notes.push((Instant::now(), text));
        Ok(())
    }

    /// Removes old notes and returns their number.
    #[tracked("store", "expire")]
    fn expire(&self) -> usize {
        let mut notes = self.lock();
        let before = notes.len();
        notes.retain(|(created, _)| created.elapsed() < LIFETIME);
        before - notes.len()
    }

    /// Returns the notes that contain a text, one per line.
    fn find(&self, text: &str) -> String {
        let notes = self.lock();
        let texts = notes.iter().map(|(_, note)| note.as_str());
        let found: Vec<&str> = texts.filter(|note| note.contains(text)).collect();
        found.join("\n")
    }
}

impl IntoResponse for AddError {
    fn into_response(self) -> Response {
        match self {
            Self::Empty => (StatusCode::BAD_REQUEST, "the note is empty\n"),
            Self::Full => (StatusCode::INSUFFICIENT_STORAGE, "too many notes\n"),
        }
        .into_response()
    }
}

async fn add(State(notes): State<Notes>, text: String) -> Result<StatusCode, AddError> {
    notes.add(text)?;
    Ok(StatusCode::CREATED)
}

async fn list(State(notes): State<Notes>) -> String {
    notes.find("")
}

async fn find(State(notes): State<Notes>, Path(text): Path<String>) -> Result<String, StatusCode> {
    let found = notes.find(&text);
    if found.is_empty() {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(found)
}

/// Returns the routes. The layer records those above it: requests by method and path, and unmatched
/// requests together. A response with a status of 500 or above is a failure.
fn routes(notes: Notes) -> Router {
    Router::new()
        .route("/notes", get(list).post(add))
        .route("/notes/{text}", get(find))
        .layer(HttpLayer::new("notes"))
        .route("/health", get(async || "healthy\n"))
        .with_state(notes)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let mut arguments = env::args().skip(1);
    let mut address = |default: &str| arguments.next().unwrap_or(default.to_owned());
    let (service, metrics) = (address("127.0.0.1:8080"), address("127.0.0.1:9464"));

    // To serve the metrics on the same address, omit `listen` and merge `exporter.router()`.
    let exporter = Exporter::builder()
        .app("notes", env!("CARGO_PKG_VERSION"))
        .listen(metrics.parse::<SocketAddr>()?)
        .install()?;
    if let Some(address) = exporter.local_addr() {
        tracing::info!("metrics at http://{address}/metrics");
    }

    let notes = Notes::default();
    let expiring = notes.clone();
    let expiry = tokio::spawn(async move {
        let mut interval = time::interval(EXPIRY_INTERVAL);
        loop {
            interval.tick().await;
            let removed = expiring.expire();
            tracing::info!(removed, "removed old notes");
        }
    });

    let listener = TcpListener::bind(service).await?;
    tracing::info!("service at http://{}/", listener.local_addr()?);
    let shutdown = async {
        if let Err(error) = stop_signal().await {
            tracing::error!(%error, "failed to wait for signals; stopping");
        }
    };
    axum::serve(listener, routes(notes))
        .with_graceful_shutdown(shutdown)
        .await?;
    expiry.abort();
    exporter.shutdown();
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
