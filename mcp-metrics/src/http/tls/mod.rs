//! TLS for the endpoint, with certificate files that are reloaded when they change.

mod acceptor;
mod files;
mod key;
mod warnings;

use std::path::PathBuf;

use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem;
use tokio_rustls::rustls::server::VerifierBuilderError;

pub(crate) use acceptor::Acceptor;
pub(super) use acceptor::Handshake;

/// The TLS configuration of the endpoint: its certificate, and optionally client authentication.
///
/// The files are PEM. They are reloaded when they change, so a renewed certificate takes effect
/// with the next connection, without a restart. If reloading fails, the error is logged and the
/// previous configuration stays in use.
///
/// ```no_run
/// use mcp_metrics::{Exporter, Tls};
///
/// let exporter = Exporter::builder()
///     .listen(([0, 0, 0, 0], 7860))
///     .tls(Tls::new("tls.crt", "tls.key").client_ca("clients.crt"))
///     .install()?;
/// # Ok::<(), mcp_metrics::InstallError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
}

impl Tls {
    /// Creates a configuration from the files of a certificate, with its chain, and of its private
    /// key.
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            certificate: certificate.into(),
            key: key.into(),
            client_ca: None,
        }
    }

    /// Requires client certificates that are issued by one of the authorities in this file.
    #[must_use]
    pub fn client_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.client_ca = Some(path.into());
        self
    }

    /// Returns whether client certificates are required.
    pub(crate) fn asks_for_certificates(&self) -> bool {
        self.client_ca.is_some()
    }

    /// Returns the paths of the files.
    fn files(&self) -> Vec<PathBuf> {
        let files = [
            Some(&self.certificate),
            Some(&self.key),
            self.client_ca.as_ref(),
        ];
        files.into_iter().flatten().cloned().collect()
    }
}

/// An invalid TLS configuration. The endpoint does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or is not PEM.
    #[error("failed to load {path}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: pem::Error,
    },
    /// The key file contains no private key.
    #[error(
        "no private key in {path}; expected a PEM section `PRIVATE KEY`, `RSA PRIVATE KEY` or \
         `EC PRIVATE KEY`",
        path = .0.display()
    )]
    NoKey(PathBuf),
    /// The private key is encrypted.
    #[error(
        "the private key in {path} is encrypted; decrypt it with `openssl pkey -in {path} -out …`",
        path = .0.display()
    )]
    EncryptedKey(PathBuf),
    /// An RSA key has an unsupported size.
    #[error(
        "the RSA key in {path} has {bits} bits; expected 2048 to 4096",
        path = .path.display()
    )]
    RsaKeySize {
        /// The file.
        path: PathBuf,
        /// The size of the key.
        bits: usize,
    },
    /// The private key is invalid or of an unsupported kind.
    #[error(
        "unsupported private key in {path}; expected RSA with 2048 to 4096 bits, ECDSA on P-256 or \
         P-384, or Ed25519",
        path = .path.display()
    )]
    UnsupportedKey {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: rustls::Error,
    },
    /// A file contains no certificate.
    #[error("no certificate in {path}", path = .0.display())]
    NoCertificate(PathBuf),
    /// The certificate authorities for clients are invalid.
    #[error("invalid client certificate authorities")]
    Clients(#[source] VerifierBuilderError),
    /// The certificate is invalid, or does not match its key.
    #[error("invalid certificate or private key")]
    Rejected(#[source] rustls::Error),
}
