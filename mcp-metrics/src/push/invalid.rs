//! What can be wrong with a gateway's configuration.

#[cfg(feature = "tls")]
use std::io;
#[cfg(feature = "tls")]
use std::path::PathBuf;
use std::time::Duration;

/// The shortest interval between pushes.
pub(super) const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// Why nothing can be pushed with this [`PushGateway`](crate::PushGateway).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPushGateway {
    /// The URL is none, or names no host.
    #[error("`{0}` is not the URL of a gateway; one looks like `http://127.0.0.1:9091`")]
    Url(String),
    /// The URL's scheme is neither `http` nor `https`.
    #[error("the URL's scheme is `{0}`; a gateway is reached by `http` or `https`")]
    Scheme(String),
    /// The URL holds credentials, which would show up in logs. It is not repeated here.
    #[error("the URL has an `@`; user name and password belong into `basic_auth`")]
    Credentials,
    /// The URL has a query or a fragment. It is not repeated here, as either may hold a secret.
    #[error("the URL has a query or a fragment; it ends with the gateway's port or its path")]
    Query,
    /// The URL's scheme is `https`, and this program is built without it.
    #[error("`https` needs the feature `tls` of mcp-metrics")]
    Tls,
    /// The job has no name.
    #[error("the job's name is empty; the gateway takes no metrics without one")]
    EmptyJob,
    /// A grouping label has a name that Prometheus does not take.
    #[error(
        "`{0}` is not the name of a label: ASCII letters, digits and underscores, with neither a \
         digit nor two underscores in front"
    )]
    LabelName(String),
    /// The grouping labels have a `job` among them.
    #[error("`job` is not a grouping label of its own; its value goes to `PushGateway::new`")]
    JobLabel,
    /// A grouping label is given twice.
    #[error("the grouping label `{0}` is given twice")]
    DuplicateLabel(String),
    /// The user name has a colon, where basic authentication would end it.
    #[error("the user name has a colon, which basic authentication does not allow")]
    UserName,
    /// The password cannot be read.
    #[error("the password of `{user}`: {source}")]
    Password {
        /// The user from [`PushGateway::basic_auth`](crate::PushGateway::basic_auth).
        user: String,
        /// What is wrong with the secret.
        source: crate::SecretError,
    },
    /// The interval is too short, and would keep a processor busy with pushes.
    #[error("the push interval {0:?} is too short; the shortest is {MIN_INTERVAL:?}")]
    Interval(Duration),
    /// The authorities' certificates cannot be read.
    #[cfg(feature = "tls")]
    #[error("the certificates in {path} cannot be used: {source}", path = path.display())]
    CaFile {
        /// The path from [`PushGateway::ca_file`](crate::PushGateway::ca_file).
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
}
