//! Secrets: where they come from, and nothing else of them.

use std::path::PathBuf;
use std::{env, fmt, fs, io};

use secrecy::SecretString;

/// A token, a password or its hash, or where to read it. Neither `Debug` nor any message shows it.
///
/// It is read once, when the exporter is installed. White space around it, such as the line feed
/// at the end of a file, is not part of it.
///
/// ```
/// use mcp_metrics::Secret;
///
/// let token = Secret::file("/run/secrets/metrics-token");
/// assert_eq!(format!("{token:?}"), "Secret(file /run/secrets/metrics-token)");
/// ```
#[derive(Clone)]
pub struct Secret(Source);

#[derive(Clone)]
enum Source {
    Here(SecretString),
    Environment(String),
    File(PathBuf),
}

/// Why a [`Secret`] could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The environment has no such variable, or it is no text.
    #[error("the environment variable `{0}` is not set to a text")]
    Environment(String),
    /// The file cannot be read.
    #[error("the file {path} cannot be read: {source}", path = .path.display())]
    File {
        /// The file from [`Secret::file`].
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is empty, which protects nothing.
    #[error("the secret from {0} is empty")]
    Empty(String),
}

impl Secret {
    /// A secret that the program has already.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Source::Here(secret.into().into()))
    }

    /// The secret in an environment variable.
    pub fn env(variable: impl Into<String>) -> Self {
        Self(Source::Environment(variable.into()))
    }

    /// The secret in a file, as container platforms mount it.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// Reads it.
    pub(crate) fn read(&self) -> Result<SecretString, SecretError> {
        use secrecy::ExposeSecret as _;

        let read = match &self.0 {
            Source::Here(secret) => secret.clone(),
            Source::Environment(variable) => env::var(variable)
                .map_err(|_| SecretError::Environment(variable.clone()))?
                .into(),
            Source::File(path) => fs::read_to_string(path)
                .map_err(|source| SecretError::File {
                    path: path.clone(),
                    source,
                })?
                .into(),
        };
        let secret = SecretString::from(read.expose_secret().trim());
        if secret.expose_secret().is_empty() {
            return Err(SecretError::Empty(self.0.to_string()));
        }
        Ok(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.0)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(_) => f.write_str("the program"),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}
