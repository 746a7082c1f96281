//! The HTTP endpoint: routes to mount on an application's own server, and a listener on its own
//! thread, which responds even while the program's runtime is blocked.

mod accept_loop;
#[cfg(feature = "auth")]
pub(crate) mod auth;
mod bind;
mod connection;
mod connection_service;
mod eviction;
#[cfg(feature = "auth")]
mod guard;
mod limits;
mod listener;
mod negotiate;
mod page;
mod peer_state;
#[cfg(any(feature = "auth", feature = "tls"))]
mod reload;
mod scrape;
mod sockets;
mod timed_stream;
#[cfg(feature = "tls")]
mod tls;
#[cfg(unix)]
mod unix_socket;

#[cfg(feature = "auth")]
use std::sync::Arc;

use axum::routing::get;
use axum::{Router, middleware};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::metrics_source::MetricsSource;
#[cfg(feature = "auth")]
pub use auth::AccessError;
#[cfg(feature = "auth")]
use auth::AuthPolicy;
pub(crate) use bind::{BindError, ListenAddress};
pub(crate) use limits::Limits;
pub(crate) use listener::{BoundListener, Listener};
use scrape::Scrapes;
#[cfg(feature = "tls")]
pub(crate) use tls::Acceptor;
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};

/// The paths of the metrics: the conventional one, and the one in existing scrape configurations of
/// hubs.
const METRICS_PATHS: [&str; 2] = ["/metrics", "/api/get_prometheus_metrics_service"];

/// What the routes serve, and to whom.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) source: MetricsSource,
    #[cfg(feature = "auth")]
    pub(crate) access: Arc<AuthPolicy>,
    pub(crate) status_page: bool,
}

impl Endpoint {
    /// Returns the routes.
    pub(crate) fn router(&self) -> Router {
        let scrapes = Scrapes::new(self.source.clone());
        let mut metrics = Router::new();
        for path in METRICS_PATHS {
            let scrapes = scrapes.clone();
            let handler = move |headers, extensions| scrape::metrics(scrapes, headers, extensions);
            metrics = metrics.route(path, get(handler));
        }
        let health = Router::new().route("/health", get(|| async { "ok\n" }));
        #[cfg(feature = "auth")]
        let guard = guard::Guard::new(Arc::clone(&self.access));
        #[cfg(feature = "auth")]
        let guarded = |routes: Router| {
            let check = guard::check_credentials;
            routes.route_layer(middleware::from_fn_with_state(guard.clone(), check))
        };
        #[cfg(not(feature = "auth"))]
        let guarded = |routes: Router| routes;
        let recorder = scrapes.recorder().clone();
        let metrics =
            guarded(metrics).route_layer(middleware::from_fn_with_state(recorder, scrape::count));
        let mut routes = metrics.merge(health);
        if self.status_page {
            let page = Router::new()
                .route("/", get(page::page))
                .route("/api/metrics_summary", get(page::summary));
            routes = routes.merge(guarded(page.with_state(scrapes)));
        }
        #[cfg(feature = "auth")]
        let routes = routes.route_layer(middleware::from_fn_with_state(guard, guard::check_peer));
        // Metrics are repetitive: even the fastest level reduces them to a tenth of their size.
        routes.route_layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
    }
}
