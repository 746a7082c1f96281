//! A single push: the request and its response.

use std::fmt;
use std::io::Read as _;
use std::time::Duration;

use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body, RequestBuilder};

use super::Target;
use super::credentials::Credentials;
use crate::encode::TEXT_FORMAT;

/// The timeout for connecting to the gateway.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The number of bytes of an error response that are logged.
const MAX_LOGGED_BODY: u64 = 500;

/// An HTTP client that pushes to one group.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    url: String,
    last_success_url: String,
    credentials: Option<Credentials>,
}

/// The reason why a push failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// No response was received.
    Transport(ureq::Error),
    /// The response has an error status. The second field is the beginning of its body.
    Response(StatusCode, String),
}

impl Failure {
    /// Returns whether a retry may succeed.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Response(status, _) => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
        }
    }

    /// Returns the status of the response, if one was received.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Transport(_) => None,
            Self::Response(status, _) => Some(*status),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(ureq::Error::Timeout(_)) => f.write_str("timed out"),
            Self::Transport(error) => error.fmt(f),
            // Quoted, so that line feeds in the body cannot forge lines of the log.
            Self::Response(status, text) => write!(f, "{status}: {text:?}"),
        }
    }
}

impl Client {
    pub(super) fn new(target: Target) -> Self {
        let config = Agent::config_builder()
            .user_agent(concat!("mcp-metrics/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            // Pushes are far apart: the gateway may close a kept-alive connection just as the next
            // push uses it.
            .max_idle_connections(0)
            // A redirected PUT becomes a GET, whose success status would count as a push.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // A gateway is usually on loopback or the local network, out of reach of a proxy.
            .proxy(None);
        #[cfg(feature = "tls")]
        let config = match target.roots {
            Some(roots) => {
                config.tls_config(ureq::tls::TlsConfig::builder().root_certs(roots).build())
            }
            None => config,
        };
        Self {
            agent: config.build().new_agent(),
            url: target.url,
            last_success_url: target.last_success_url,
            credentials: target.credentials,
        }
    }

    /// Returns the group's URL, which contains no secret.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Reads the credentials again, before a push.
    pub(super) fn reload_credentials(&mut self) {
        if let Some(credentials) = &mut self.credentials {
            credentials.reload();
        }
    }

    /// Replaces the group's metrics with `text`, within `timeout`.
    pub(super) fn push(&self, text: &str, timeout: Duration) -> Result<(), Failure> {
        self.put(&self.url, text, timeout)
    }

    /// Replaces the time of the last success with `text`, within `timeout`.
    pub(super) fn push_last_success(&self, text: &str, timeout: Duration) -> Result<(), Failure> {
        self.put(&self.last_success_url, text, timeout)
    }

    fn put(&self, url: &str, text: &str, timeout: Duration) -> Result<(), Failure> {
        let request = self.agent.put(url).header(CONTENT_TYPE, TEXT_FORMAT);
        let request = self.authorize(request, timeout);
        check(request.send(text).map_err(Failure::Transport)?)
    }

    /// Deletes the group, within `timeout`.
    pub(super) fn delete(&self, timeout: Duration) -> Result<(), Failure> {
        let request = self.authorize(self.agent.delete(&self.url), timeout);
        check(request.call().map_err(Failure::Transport)?)
    }

    /// Sets the credentials and the timeout of a request.
    fn authorize<B>(&self, request: RequestBuilder<B>, timeout: Duration) -> RequestBuilder<B> {
        let request = request.config().timeout_global(Some(timeout)).build();
        match &self.credentials {
            Some(credentials) => request.header(AUTHORIZATION, credentials.header()),
            None => request,
        }
    }
}

/// Returns the response's status and the beginning of its body, unless it is a success.
fn check(mut response: Response<Body>) -> Result<(), Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let mut body = Vec::new();
    // A partial body is enough: it is only logged.
    let _ = response
        .body_mut()
        .as_reader()
        .take(MAX_LOGGED_BODY)
        .read_to_end(&mut body);
    let body = String::from_utf8_lossy(&body).trim().to_owned();
    Err(Failure::Response(status, body))
}
