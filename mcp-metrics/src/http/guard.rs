//! Middleware that refuses unauthenticated requests and disallowed networks.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use headers::authorization::{Authorization, Basic, Bearer};
use headers::{Header, HeaderMap};
use tokio::sync::Semaphore;

use super::auth::AuthPolicy;
#[cfg(unix)]
use super::connection_service::LocalClient;

/// The access control of one endpoint.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    policy: Arc<AuthPolicy>,
    /// Serializes password checks, so that brute-force attempts use at most one CPU.
    check: Arc<Semaphore>,
}

impl Guard {
    pub(super) fn new(policy: AuthPolicy) -> Self {
        Self {
            policy: Arc::new(policy),
            check: Arc::new(Semaphore::new(1)),
        }
    }

    /// Returns whether the request carries a valid token or password.
    async fn authenticate(&self, headers: &HeaderMap) -> bool {
        if let Some(Authorization(bearer)) = credentials::<Bearer>(headers) {
            return self.policy.credentials().await.has_token(bearer.token());
        }
        let Some(Authorization(basic)) = credentials::<Basic>(headers) else {
            return false;
        };
        let current = self.policy.credentials().await;
        if current.is_verified(basic.username(), basic.password()) {
            return true;
        }
        let Ok(checking) = Arc::clone(&self.check).acquire_owned().await else {
            return false;
        };
        let checked = tokio::task::spawn_blocking(move || {
            // Held by the check, not by the request: a client that disconnects and retries must
            // not start a second check.
            let _checking = checking;
            current.verify(basic.username(), basic.password())
        });
        checked.await.unwrap_or(false)
    }

    fn unauthorized(&self) -> Response {
        let challenge = if self.policy.accepts_passwords() {
            "Basic realm=\"metrics\", charset=\"UTF-8\""
        } else {
            "Bearer realm=\"metrics\""
        };
        let headers = [
            (
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(challenge),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (
            StatusCode::UNAUTHORIZED,
            headers,
            "authentication required\n",
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

/// Refuses requests without valid credentials with 401.
pub(super) async fn check_credentials(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Response {
    if guard.policy.requires_credentials() && !guard.authenticate(request.headers()).await {
        return guard.unauthorized();
    }
    next.run(request).await
}

/// Refuses requests from outside the allowed networks with 403. The networks do not apply to Unix
/// sockets, whose clients are controlled by the permissions of the file.
pub(super) async fn check_peer(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Response {
    #[cfg(unix)]
    if request.extensions().get::<LocalClient>().is_some() {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if guard
        .policy
        .allows_peer(peer.map(|ConnectInfo(peer)| peer.ip()))
    {
        return next.run(request).await;
    }
    if peer.is_none() {
        tracing::error!(
            "request refused: unknown client address; serve the router with \
             `into_make_service_with_connect_info::<SocketAddr>()`"
        );
    }
    (StatusCode::FORBIDDEN, "client address not allowed\n").into_response()
}
