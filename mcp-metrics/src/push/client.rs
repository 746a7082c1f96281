//! One push: the request and what became of it.

use std::fmt;
use std::io::Read as _;
use std::time::Duration;

use ureq::Agent;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{HeaderValue, StatusCode};

use super::Target;
use crate::encode::TEXT_FORMAT;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(3);

/// How much of an answer is logged.
const ANSWER: u64 = 500;

/// Pushes to one group.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    url: String,
    authorization: Option<HeaderValue>,
}

/// Why a push did not work.
#[derive(Debug)]
pub(super) enum Failure {
    /// There was no answer.
    Transport(ureq::Error),
    /// The answer was another than success.
    Answer(StatusCode, String),
}

impl Failure {
    /// Whether it may pass by itself, soon.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Answer(status, _) => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
        }
    }

    /// The status of the answer, if there was one.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Transport(_) => None,
            Self::Answer(status, _) => Some(*status),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(ureq::Error::Timeout(_)) => f.write_str("no answer in time"),
            Self::Transport(error) => error.fmt(f),
            // Quoted, so that what a stranger says stays on one line of the log.
            Self::Answer(status, text) => write!(f, "{status}: {text:?}"),
        }
    }
}

impl Client {
    pub(super) fn new(target: Target) -> Self {
        let config = Agent::config_builder()
            .user_agent(concat!("mcp-metrics/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            // Pushes are far apart: a connection that was kept would be closed by then, more often
            // than not at the very moment of its use.
            .max_idle_connections(0)
            // A redirected PUT would arrive as a GET, and look like a success.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // A gateway is near, often on loopback, where a proxy cannot reach it.
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
            authorization: target.authorization,
        }
    }

    /// The group's URL, which holds no secret.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Replaces the group's metrics by `text`, within `time`.
    pub(super) fn push(&self, text: &str, time: Duration) -> Result<(), Failure> {
        let mut request = self
            .agent
            .put(&self.url)
            .header(CONTENT_TYPE, TEXT_FORMAT)
            .config()
            .timeout_global(Some(time))
            .build();
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let mut response = request.send(text).map_err(Failure::Transport)?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let mut answer = Vec::new();
        // What can be read of it is enough: the status has said it already.
        let _ = response
            .body_mut()
            .as_reader()
            .take(ANSWER)
            .read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).trim().to_owned();
        Err(Failure::Answer(status, answer))
    }
}
