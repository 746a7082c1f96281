//! Errors in the configuration of a Pushgateway.

#[cfg(feature = "tls")]
use std::io;
#[cfg(feature = "tls")]
use std::path::PathBuf;
use std::time::Duration;

/// The shortest interval between pushes.
pub(super) const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// An error in the configuration of a [`PushGateway`](crate::PushGateway).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPushGateway {
    /// The URL is malformed or has no host.
    #[error("`{0}` is not a Pushgateway URL; expected one like `http://127.0.0.1:9091`")]
    Url(String),
    /// The URL's scheme is neither `http` nor `https`.
    #[error("unsupported URL scheme `{0}`; expected `http` or `https`")]
    Scheme(String),
    /// The URL contains credentials, which would appear in logs. The message omits the URL.
    #[error("the URL contains `@`; pass user name and password to `basic_auth`")]
    Credentials,
    /// The URL has a query or a fragment. The message omits the URL, as either may be a secret.
    #[error("the URL has a query or a fragment; it must end with the port or the path")]
    Query,
    /// The URL's scheme is `https`, but the feature `tls` is disabled.
    #[error("`https` requires the feature `tls` of mcp-metrics")]
    Tls,
    /// The job name is empty.
    #[error("the job name is empty; the Pushgateway requires one")]
    EmptyJob,
    /// The name of a grouping label is not a valid Prometheus label name.
    #[error(
        "`{0}` is not a valid label name; expected ASCII letters, digits and underscores, not \
         starting with a digit or `__`"
    )]
    LabelName(String),
    /// A grouping label is named `job`.
    #[error("`job` cannot be a grouping label; pass its value to `PushGateway::new`")]
    JobLabel,
    /// Two grouping labels have the same name, or one is named `push_group`, which the
    /// exporter adds to the group of
    /// [`record_success`](crate::Exporter::record_success).
    #[error("duplicate grouping label `{0}`")]
    DuplicateLabel(String),
    /// The user name contains a colon, which separates it from the password in the header.
    #[error("the user name contains a colon, which basic authentication does not allow")]
    UserName,
    /// The password cannot be read.
    #[error("cannot read the password of `{user}`")]
    Password {
        /// The user name from [`PushGateway::basic_auth`](crate::PushGateway::basic_auth).
        user: String,
        /// What is wrong with the secret.
        source: crate::SecretError,
    },
    /// The interval is so short that the process would push continuously.
    #[error("`interval` must be at least {MIN_INTERVAL:?} (got {0:?})")]
    Interval(Duration),
    /// The CA certificates cannot be read.
    #[cfg(feature = "tls")]
    #[error("cannot load CA certificates from {path}", path = path.display())]
    CaFile {
        /// The path from [`PushGateway::ca_file`](crate::PushGateway::ca_file).
        path: PathBuf,
        /// What is wrong with the file.
        source: io::Error,
    },
}
