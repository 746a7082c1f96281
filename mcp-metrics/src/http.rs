//! The HTTP endpoint: routes to mount on an application's own server, and a listener on a thread
//! of its own, which answers even while the program's runtime is busy.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::oneshot;

use crate::exporter::Exporter;

/// The `Content-Type` of the text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Where the metrics are served: the usual path, and the one that existing scrape configurations
/// of hubs use.
const METRICS_PATHS: [&str; 2] = ["/metrics", "/api/get_prometheus_metrics_service"];

/// How long a shutdown waits for scrapes under way.
const GRACE: Duration = Duration::from_secs(5);

impl Exporter {
    /// The endpoint's routes, to be merged into an application's own [`Router`]:
    ///
    /// - `GET /metrics` and `GET /api/get_prometheus_metrics_service`: the metrics,
    ///   `text/plain; version=0.0.4; charset=utf-8`;
    /// - `GET /health`: `ok`, as long as the server answers.
    ///
    /// `HEAD` is answered too; other methods get 405.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), mcp_metrics::InstallError> {
    /// use axum::{Router, routing::get};
    /// use mcp_metrics::Exporter;
    ///
    /// let exporter = Exporter::builder().install()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "my hub" }))
    ///     .merge(exporter.router());
    /// # let _ = app; Ok(())
    /// # }
    /// ```
    pub fn router(&self) -> Router {
        let mut router = Router::new().route("/health", get(|| async { "ok\n" }));
        for path in METRICS_PATHS {
            router = router.route(path, get(metrics));
        }
        router.with_state(self.clone())
    }
}

/// Renders off the server's threads: a large export must not hold up other requests.
async fn metrics(State(exporter): State<Exporter>) -> Response {
    match tokio::task::spawn_blocking(move || exporter.render()).await {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn not_found() -> impl IntoResponse {
    (
        StatusCode::NOT_FOUND,
        "not found; the metrics are at /metrics\n",
    )
}

/// A listener that has its port but does not answer yet.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Takes the port.
    pub(crate) fn new(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Answers from now on, on a thread of its own, until the exporter is shut down.
    pub(crate) fn serve(self, exporter: &Exporter) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_name("mcp-metrics-render")
            // Renders wait for each other anyway.
            .max_blocking_threads(2)
            .build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(self.listener)?
        };
        let app = exporter.router().fallback(not_found);
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = async move {
            let (closing, closed) = oneshot::channel();
            let signal = async move {
                // An exporter that is gone cannot stop us any more, and need not.
                if stopped.await.is_err() {
                    std::future::pending::<()>().await;
                }
                let _ = closing.send(());
            };
            let server = axum::serve(listener, app).with_graceful_shutdown(signal);
            let deadline = async move {
                if closed.await.is_err() {
                    std::future::pending::<()>().await;
                }
                tokio::time::sleep(GRACE).await;
            };
            tokio::select! {
                result = server.into_future() => {
                    if let Err(error) = result {
                        tracing::error!(%error, "the metrics endpoint has stopped");
                    }
                }
                () = deadline => tracing::warn!("a client kept its scrape open; closing anyway"),
            }
        };
        let thread = thread::Builder::new()
            .name("mcp-metrics-http".into())
            .spawn(move || runtime.block_on(serve))?;
        exporter.set_local_addr(self.address);
        exporter.on_shutdown(move || {
            let _ = stop.send(());
            // A thread that panicked is over too.
            let _ = thread.join();
        });
        Ok(())
    }
}
