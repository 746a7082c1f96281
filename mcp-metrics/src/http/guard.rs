//! Turning away whoever may not read.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use headers::authorization::{Authorization, Basic, Bearer};
use headers::{Header, HeaderMap};
use tokio::sync::Semaphore;

use crate::http::auth::Access;

/// Access to the routes of one router.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    access: Arc<Access>,
    /// Held while a password is checked, so that guessing takes one processor at most.
    check: Arc<Semaphore>,
}

impl Guard {
    pub(super) fn new(access: Arc<Access>) -> Self {
        Self {
            access,
            check: Arc::new(Semaphore::new(1)),
        }
    }

    /// Whether the request carries a token or a password that opens.
    async fn knows(&self, headers: &HeaderMap) -> bool {
        if let Some(Authorization(bearer)) = credentials::<Bearer>(headers) {
            return self.access.has_token(bearer.token());
        }
        let Some(Authorization(basic)) = credentials::<Basic>(headers) else {
            return false;
        };
        if self.access.is_known(basic.username(), basic.password()) {
            return true;
        }
        let Ok(checking) = Arc::clone(&self.check).acquire_owned().await else {
            return false;
        };
        let access = Arc::clone(&self.access);
        let checked = tokio::task::spawn_blocking(move || {
            // Held by the check and not by the request, whose client may leave and come back.
            let _checking = checking;
            access.verify(basic.username(), basic.password())
        });
        checked.await.unwrap_or(false)
    }

    fn unauthorized(&self) -> Response {
        let how = if self.access.asks_for_password() {
            "Basic realm=\"metrics\", charset=\"UTF-8\""
        } else {
            "Bearer realm=\"metrics\""
        };
        let headers = [
            (header::WWW_AUTHENTICATE, HeaderValue::from_static(how)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (
            StatusCode::UNAUTHORIZED,
            headers,
            "credentials are needed\n",
        )
            .into_response()
    }
}

fn credentials<C: headers::authorization::Credentials>(
    headers: &HeaderMap,
) -> Option<Authorization<C>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    Authorization::<C>::decode(&mut values).ok()
}

/// Lets those pass who say who they are.
pub(super) async fn authenticate(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Response {
    if guard.access.asks() && !guard.knows(request.headers()).await {
        return guard.unauthorized();
    }
    next.run(request).await
}

/// Lets those pass who come from an allowed network.
pub(super) async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if guard.access.admits(peer.map(|ConnectInfo(peer)| peer.ip())) {
        return next.run(request).await;
    }
    if peer.is_none() {
        tracing::error!(
            "the server does not tell where a request comes from, so it is refused: serve the \
             router with `into_make_service_with_connect_info::<SocketAddr>()`"
        );
    }
    (
        StatusCode::FORBIDDEN,
        "this network may not read the metrics\n",
    )
        .into_response()
}
