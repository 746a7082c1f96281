//! Secrets, and where they are read from.

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use secrecy::SecretString;

/// A token, a password or its hash, or where to read it from. `Debug` and error messages do not
/// reveal it.
///
/// It is read when the exporter is installed. A file is read again when it has changed, or before a
/// push; if it is invalid then, the error is logged and the previous secret stays valid. Surrounding whitespace, such as the newline at the end of a file, is trimmed.
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
    Inline(SecretString),
    Environment(String),
    File(PathBuf),
}

/// Why a [`Secret`] could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The environment variable is not set, or is not valid Unicode.
    #[error("environment variable `{0}` is not set or not valid Unicode")]
    Environment(String),
    /// The file cannot be read.
    #[error("failed to read {path}", path = .path.display())]
    File {
        /// The file from [`Secret::file`].
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The secret is empty and would protect nothing.
    #[error("the secret from {0} is empty")]
    Empty(String),
}

impl Secret {
    /// Creates a secret from its value.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Source::Inline(secret.into().into()))
    }

    /// Creates a secret that is read from an environment variable.
    pub fn env(variable: impl Into<String>) -> Self {
        Self(Source::Environment(variable.into()))
    }

    /// Creates a secret that is read from a file, as mounted by container platforms.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// Returns the file that the secret is read from.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.0 {
            Source::File(path) => Some(path),
            Source::Inline(_) | Source::Environment(_) => None,
        }
    }

    /// Reads and trims the secret.
    pub(crate) fn read(&self) -> Result<SecretString, SecretError> {
        use secrecy::ExposeSecret as _;

        let read = match &self.0 {
            Source::Inline(secret) => secret.clone(),
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
            Self::Inline(_) => f.write_str("the program"),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}
