//! A server with the real page and staged responses to its requests.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_SECURITY_POLICY},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use mcp_metrics::MetricsSummary;
use mcp_metrics_tests::http;
use tokio::{net::TcpListener, runtime::Runtime};

use super::Site;

/// A staged response to a request for the summary.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A summary.
    Summary(Box<MetricsSummary>),
    /// A status without a summary.
    Status(u16),
    /// A body that is not a summary.
    Text(&'static str),
    /// No response.
    Silence,
}

/// The remaining responses; the last one repeats.
type Answers = Arc<Mutex<VecDeque<Answer>>>;

/// A running server. It stops on drop.
#[derive(Debug)]
pub(crate) struct Staged {
    /// Runs the server.
    _runtime: Runtime,
    /// The listener's address.
    address: SocketAddr,
    /// Its responses.
    answers: Answers,
}

impl Staged {
    /// Starts a server that sends these responses in turn.
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let site = Site::new();
        let page = http::get(site.address, "/");
        let policy = page.header("content-security-policy").expect("a policy");
        let page = (
            [(CONTENT_SECURITY_POLICY, policy.to_owned())],
            Html(page.body),
        );
        let answers: Answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let app = Router::new()
            .route("/", get(async move || page.clone()))
            .route("/api/metrics_summary", get(answer))
            .with_state(Arc::clone(&answers));
        let runtime = Runtime::new().expect("a runtime");
        let bind = TcpListener::bind("127.0.0.1:0");
        let listener = runtime.block_on(bind).expect("a free port");
        let address = listener.local_addr().expect("it listens");
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self {
            _runtime: runtime,
            address,
            answers,
        }
    }

    /// Replaces the remaining responses.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        *lock(&self.answers) = answers.into_iter().collect();
    }

    /// Returns the page's URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

async fn answer(State(answers): State<Answers>) -> Response {
    match next(&answers) {
        Answer::Summary(summary) => {
            let json = serde_json::to_string(&summary).expect("a summary has a JSON form");
            json.into_response()
        }
        Answer::Status(status) => StatusCode::from_u16(status)
            .expect("a status")
            .into_response(),
        Answer::Text(text) => text.into_response(),
        Answer::Silence => std::future::pending().await,
    }
}

fn next(answers: &Answers) -> Answer {
    let mut answers = lock(answers);
    match answers.len() {
        1 => answers.front().cloned(),
        _ => answers.pop_front(),
    }
    .expect("there is always a last answer")
}

fn lock(answers: &Answers) -> std::sync::MutexGuard<'_, VecDeque<Answer>> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}
