//! A web service with metrics (axum, without MCP): tracked handlers, a tracked background task, and
//! three ways to define which responses are failures. The metrics have a separate address, which
//! clients of the service need not reach.
//!
//! ```text
//! cargo run --bin axum_service            # optional arguments: ADDRESS METRICS_ADDRESS
//! curl --data 'buy tea' http://127.0.0.1:8080/notes
//! curl http://127.0.0.1:9464/metrics
//! ```

use std::{
    borrow::Cow,
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
use mcp_metrics::{ErrorType, Exporter, Outcome, tracked};
use tokio::{net::TcpListener, signal, time};

/// Maximum number of notes.
const CAPACITY: usize = 100;
/// Time after which notes are removed, and interval of the background task.
const LIFETIME: Duration = Duration::from_hours(1);
const EXPIRY_INTERVAL: Duration = Duration::from_mins(10);

/// The notes with the times of their creation, shared by all handlers.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<(Instant, String)>>>);

impl Notes {
    /// Locks the notes. Poisoning is ignored, because a panic cannot leave them inconsistent.
    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes old notes and returns their number.
    #[tracked("notes", "expire")]
    fn expire(&self) -> usize {
        let mut notes = self.lock();
        let before = notes.len();
        notes.retain(|(created, _)| created.elapsed() < LIFETIME);
        before - notes.len()
    }
}

/// An error of `add`. The names of the variants are the values of the label `error_type`.
#[derive(Debug, ErrorType)]
enum AddError {
    Empty,
    Full,
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

/// Adds a note. Every `Err` is a failure.
#[tracked("notes", "add")]
async fn add(State(notes): State<Notes>, text: String) -> Result<StatusCode, AddError> {
    if text.trim().is_empty() {
        return Err(AddError::Empty);
    }
    let mut notes = notes.lock();
    if notes.len() == CAPACITY {
        return Err(AddError::Full);
    }
    notes.push((Instant::now(), text));
    Ok(StatusCode::CREATED)
}

/// Returns all notes. With the feature `axum`, a response is a failure if its status is 5xx.
#[tracked("notes", "list")]
async fn list(State(notes): State<Notes>) -> Response {
    let texts: Vec<String> = notes.lock().iter().map(|(_, text)| text.clone()).collect();
    (StatusCode::OK, texts.join("\n")).into_response()
}

/// Returns the notes that contain a text. `error_if` overrides the rule for responses: a search
/// without results is a failure, although its status is 404.
#[tracked(
    "notes",
    "find",
    error_if = |response: &Response| response.status() == StatusCode::NOT_FOUND,
    error_type = "NothingFound"
)]
async fn find(State(notes): State<Notes>, Path(text): Path<String>) -> Response {
    let notes = notes.lock();
    let found = notes.iter().filter(|(_, note)| note.contains(&text));
    let found: Vec<&str> = found.map(|(_, note)| note.as_str()).collect();
    if found.is_empty() {
        StatusCode::NOT_FOUND.into_response()
    } else {
        found.join("\n").into_response()
    }
}

/// The state of the service.
enum Readiness {
    Ready,
    AlmostFull,
}

/// Decides for all functions that return the type. The status is 200 in both cases.
impl Outcome for Readiness {
    fn failure(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Ready => None,
            Self::AlmostFull => Some("AlmostFull".into()),
        }
    }
}

impl IntoResponse for Readiness {
    fn into_response(self) -> Response {
        match self {
            Self::Ready => "ready\n".into_response(),
            Self::AlmostFull => "almost full\n".into_response(),
        }
    }
}

/// Returns the state of the service.
#[tracked("notes", "ready")]
async fn ready(State(notes): State<Notes>) -> Readiness {
    if notes.lock().len() < CAPACITY / 10 * 9 {
        Readiness::Ready
    } else {
        Readiness::AlmostFull
    }
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

    let app = Router::new()
        .route("/notes", get(list).post(add))
        .route("/notes/{text}", get(find))
        .route("/ready", get(ready))
        .with_state(notes);
    let listener = TcpListener::bind(service).await?;
    tracing::info!("service at http://{}/", listener.local_addr()?);
    let shutdown = async {
        if let Err(error) = stop_signal().await {
            tracing::error!(%error, "failed to wait for signals; stopping");
        }
    };
    axum::serve(listener, app)
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
