//! The endpoint's routes.

use axum::routing::{MethodRouter, any_service, get};
use axum::{Router, middleware};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

#[cfg(feature = "auth")]
use super::auth::AuthPolicy;
#[cfg(feature = "auth")]
use super::guard::{self, Guard};
use super::metrics_paths::MetricsPaths;
use super::page;
use super::scrape::{self, Scrapes};
use crate::metrics_source::MetricsSource;

/// What the routes serve, and to whom. All routers share the renders and the password checks.
#[derive(Debug)]
pub(crate) struct Endpoint {
    scrapes: Scrapes,
    #[cfg(feature = "auth")]
    guard: Guard,
    paths: MetricsPaths,
    status_page: bool,
}

impl Endpoint {
    pub(crate) fn new(
        source: MetricsSource,
        #[cfg(feature = "auth")] access: AuthPolicy,
        paths: MetricsPaths,
        status_page: bool,
    ) -> Self {
        Self {
            scrapes: Scrapes::new(source),
            #[cfg(feature = "auth")]
            guard: Guard::new(access),
            paths,
            status_page,
        }
    }

    /// Returns all routes.
    pub(crate) fn router(&self) -> Router {
        let health = self.finish(get(|| async { "ok\n" }));
        let mut routes = add(self.metrics_router(), "/health", health);
        if self.status_page {
            let summary = get(page::summary).with_state(self.scrapes.clone());
            routes = routes
                .route("/", self.finish(self.guarded(get(page::page))))
                .route("/api/metrics_summary", self.finish(self.guarded(summary)));
        }
        routes
    }

    /// Returns the routes of the metrics.
    pub(crate) fn metrics_router(&self) -> Router {
        self.paths.iter().fold(Router::new(), |routes, path| {
            add(routes, path, self.metrics_route())
        })
    }

    /// Returns the handler of the metrics, for any path.
    pub(crate) fn metrics_route<S>(&self) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let scrapes = self.scrapes.clone();
        let route = get(move |headers, extensions| scrape::metrics(scrapes, headers, extensions));
        let recorder = self.scrapes.recorder().clone();
        let count = middleware::from_fn_with_state(recorder, scrape::count);
        self.finish(self.guarded(route).layer(count))
    }

    /// Requires credentials for a route.
    #[cfg(feature = "auth")]
    fn guarded<S>(&self, route: MethodRouter<S>) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let check = guard::check_credentials;
        route.layer(middleware::from_fn_with_state(self.guard.clone(), check))
    }

    #[cfg(not(feature = "auth"))]
    #[expect(clippy::unused_self, reason = "the feature is off")]
    fn guarded<S>(&self, route: MethodRouter<S>) -> MethodRouter<S> {
        route
    }

    /// Adds the layers of all routes: the check of the network, and compression.
    #[cfg_attr(
        not(feature = "auth"),
        expect(clippy::unused_self, reason = "the feature is off")
    )]
    fn finish<S>(&self, route: MethodRouter<S>) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        #[cfg(feature = "auth")]
        let route: MethodRouter<S> = route.layer(middleware::from_fn_with_state(
            self.guard.clone(),
            guard::check_peer,
        ));
        // Metrics are repetitive: even the fastest level reduces them to a tenth of their size.
        route.layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
    }
}

/// Adds a route, also with a trailing slash and a doubled leading one, which remain where a base
/// URL and a path are joined.
fn add(routes: Router, path: &str, route: MethodRouter) -> Router {
    let with_slash = format!("{path}/");
    // Under a prefix that ends with a slash, axum removes the leading slashes, so that two of these
    // paths become one. A fallback can be merged with the route of the methods, which replaces it.
    let (doubled, doubled_with_slash) = (format!("/{path}"), format!("/{with_slash}"));
    routes
        .route(path, route.clone())
        .route(&with_slash, route.clone())
        .route(&doubled, any_service(route.clone()))
        .route(&doubled_with_slash, any_service(route))
}
