//! TLS for the endpoint, with certificate files that are reloaded when they change.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

/// The shortest time between two checks of the files for changes.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

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

    /// Loads the files.
    fn load(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let certificates = certificates(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|source| TlsError::File {
            path: self.key.clone(),
            source,
        })?;
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Rejected)?;
        let config = match &self.client_ca {
            None => config.with_no_client_auth(),
            Some(path) => config.with_client_cert_verifier(client_verifier(path, provider)?),
        };
        let mut config = config
            .with_single_cert(certificates, key)
            .map_err(TlsError::Rejected)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// Returns the modification time and size of each file, to detect changes.
    fn stamps(&self) -> Stamps {
        let files = [
            Some(&self.certificate),
            Some(&self.key),
            self.client_ca.as_ref(),
        ];
        files.map(|path| {
            let file = fs::metadata(path?).ok()?;
            Some((file.modified().ok()?, file.len()))
        })
    }
}

type Stamps = [Option<(SystemTime, u64)>; 3];

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
    /// A file contains no certificate.
    #[error("no certificate in {path}", path = .0.display())]
    NoCertificate(PathBuf),
    /// The certificate authorities for clients are invalid.
    #[error("invalid client certificate authorities")]
    Clients(#[source] VerifierBuilderError),
    /// The certificate and its key do not match, or are of an unsupported kind.
    #[error("invalid certificate or private key")]
    Rejected(#[source] rustls::Error),
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |source| TlsError::File {
        path: path.to_owned(),
        source,
    };
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(failed)?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate(path.to_owned()));
    }
    Ok(certificates)
}

fn client_verifier(
    path: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, TlsError> {
    let mut authorities = RootCertStore::empty();
    for certificate in certificates(path)? {
        authorities.add(certificate).map_err(TlsError::Rejected)?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider)
        .build()
        .map_err(TlsError::Clients)
}

/// Performs TLS handshakes with the current files.
pub(crate) struct Acceptor {
    files: Tls,
    current: Mutex<Current>,
}

struct Current {
    config: Arc<ServerConfig>,
    stamps: Stamps,
    checked: Instant,
}

impl Acceptor {
    pub(crate) fn new(files: Tls) -> Result<Self, TlsError> {
        // Taken before the files are loaded, so that a change in between is detected.
        let stamps = files.stamps();
        let current = Current {
            config: files.load()?,
            stamps,
            checked: Instant::now(),
        };
        Ok(Self {
            files,
            current: Mutex::new(current),
        })
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.config()).accept(stream).await
    }

    /// Returns the configuration of the current files, or the last valid one.
    fn config(&self) -> Arc<ServerConfig> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.checked.elapsed() >= CHECK_INTERVAL {
            current.checked = Instant::now();
            let stamps = self.files.stamps();
            if stamps != current.stamps {
                current.stamps = stamps;
                match self.files.load() {
                    Ok(config) => {
                        current.config = config;
                        tracing::info!("reloaded TLS files");
                    }
                    Err(error) => {
                        // As an error value, so that subscribers log its source too.
                        let error: &(dyn std::error::Error + 'static) = &error;
                        tracing::error!(
                            error,
                            "failed to reload TLS files; keeping the previous configuration"
                        );
                    }
                }
            }
        }
        Arc::clone(&current.config)
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}
