//! Errors of building and installing an exporter.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::buckets::{InvalidMatcher, Matcher};
#[cfg(feature = "push")]
use crate::push::InvalidPushGateway;
use crate::storage::histogram::InvalidBuckets;

/// The shortest sampling interval: CPU usage cannot be measured over a shorter time.
pub(super) const MIN_INTERVAL: Duration = sysinfo::MINIMUM_CPU_UPDATE_INTERVAL;

/// The shortest timeout of the endpoint.
#[cfg(feature = "http")]
pub(super) const MIN_HTTP_TIMEOUT: Duration = Duration::from_millis(1);

/// An error of [`ExporterBuilder::build`](crate::ExporterBuilder::build) or
/// [`ExporterBuilder::install`](crate::ExporterBuilder::install). The process is left unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The process already has a global recorder, from this crate or another one.
    #[error(
        "a global metrics recorder is already installed; install one exporter per process, or use \
         `build` and combine the recorders"
    )]
    AlreadyInstalled,
    /// The endpoint cannot listen on this address.
    #[error("the metrics endpoint cannot listen on {address}")]
    Listen {
        /// The address from [`ExporterBuilder::listen`](crate::ExporterBuilder::listen).
        address: SocketAddr,
        /// The error of the operating system, for example `AddrInUse`.
        source: io::Error,
    },
    /// The endpoint cannot listen on this Unix socket.
    #[cfg(all(feature = "http", unix))]
    #[error("the metrics endpoint cannot listen on the Unix socket {path}", path = .path.display())]
    ListenUnix {
        /// The path from [`ExporterBuilder::listen_unix`](crate::ExporterBuilder::listen_unix).
        path: std::path::PathBuf,
        /// The error of the operating system: `AddrInUse` if the path exists and is no socket, or
        /// if another process listens on it.
        source: io::Error,
    },
    /// The bucket bounds of a histogram are invalid.
    #[error("invalid buckets for `{metric}`")]
    Buckets {
        /// The name of the histogram, or the [`Matcher`](crate::Matcher) of several.
        metric: String,
        /// What is wrong with the bounds.
        source: InvalidBuckets,
    },
    /// The matcher of [`ExporterBuilder::buckets_for`](crate::ExporterBuilder::buckets_for) can
    /// match no histogram.
    #[error("invalid matcher `{matcher:?}` in `buckets_for`")]
    Matcher {
        /// The matcher.
        matcher: Matcher,
        /// What is wrong with it.
        source: InvalidMatcher,
    },
    /// The sampling interval is too short to measure CPU usage.
    #[error("`system_interval` must be at least {MIN_INTERVAL:?} (got {0:?})")]
    Interval(Duration),
    /// The namespace cannot be the prefix of the hub's metrics.
    #[error("invalid `namespace` `{namespace}`; {hint}")]
    Namespace {
        /// The value from [`ExporterBuilder::namespace`](crate::ExporterBuilder::namespace).
        namespace: String,
        /// What to change.
        hint: &'static str,
    },
    /// The label limit is zero.
    #[error("`label_limit` must be at least 1 (got 0)")]
    LabelLimit,
    /// A path from [`ExporterBuilder::metrics_path`](crate::ExporterBuilder::metrics_path) is
    /// invalid, or another route of the endpoint has it.
    #[cfg(feature = "http")]
    #[error(
        "invalid `metrics_path` `{0}`; expected a path like `/internal/metrics` that is not \
         `/health` or `/api/metrics_summary`"
    )]
    MetricsPath(String),
    /// A limit of the endpoint is too low to serve any request.
    #[cfg(feature = "http")]
    #[error("{}", limits_message(*connections, *timeout))]
    Limits {
        /// The value from
        /// [`ExporterBuilder::max_connections`](crate::ExporterBuilder::max_connections).
        connections: usize,
        /// The value from [`ExporterBuilder::http_timeout`](crate::ExporterBuilder::http_timeout).
        timeout: Duration,
    },
    /// The authentication or network settings of the endpoint are invalid.
    #[cfg(feature = "auth")]
    #[error("invalid access settings for the metrics endpoint")]
    Access(#[from] crate::AccessError),
    /// The TLS settings of the endpoint are invalid.
    #[cfg(feature = "tls")]
    #[error("invalid TLS settings for the metrics endpoint")]
    Tls(#[from] crate::TlsError),
    /// The Pushgateway settings are invalid.
    #[cfg(feature = "push")]
    #[error("invalid Pushgateway settings")]
    PushGateway(#[source] InvalidPushGateway),
    /// A thread could not be started.
    #[error("failed to start a thread of the exporter")]
    Thread(#[source] io::Error),
}

/// Returns the message for the limit that is too low.
#[cfg(feature = "http")]
fn limits_message(connections: usize, timeout: Duration) -> String {
    if connections == 0 {
        "`max_connections` must be at least 1 (got 0)".to_owned()
    } else {
        format!("`http_timeout` must be at least {MIN_HTTP_TIMEOUT:?} (got {timeout:?})")
    }
}
