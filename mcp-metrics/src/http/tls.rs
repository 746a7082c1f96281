//! TLS, with files that may change while the program runs.

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

/// How long files are taken to be as they were; a connection in between does not look.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The certificate that the endpoint shows, and the clients it asks for one.
///
/// The files are PEM. They are read again when they change, so a renewed certificate is shown to
/// the next client without a restart; files that make no sense then are logged, and the endpoint
/// goes on with what it had.
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
    /// The certificate with the chain that leads from it, and its private key.
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            certificate: certificate.into(),
            key: key.into(),
            client_ca: None,
        }
    }

    /// Serves only clients that show a certificate issued by one of the authorities in this file.
    #[must_use]
    pub fn client_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.client_ca = Some(path.into());
        self
    }

    pub(crate) fn asks_for_certificates(&self) -> bool {
        self.client_ca.is_some()
    }

    /// Reads the files.
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
            Some(path) => config.with_client_cert_verifier(clients_of(path, provider)?),
        };
        let mut config = config
            .with_single_cert(certificates, key)
            .map_err(TlsError::Rejected)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// What tells whether a file has changed.
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

/// Why the endpoint cannot be served over TLS. Nothing is served then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or is not PEM.
    #[error("the file {path} cannot be used: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// A file has no certificate in it.
    #[error("the file {path} has no certificate in it", path = .0.display())]
    NoCertificate(PathBuf),
    /// The authorities for clients cannot be used.
    #[error("the client authorities cannot be used: {0}")]
    Clients(#[source] VerifierBuilderError),
    /// Certificate and key do not fit, or are of a kind that is not known.
    #[error("the certificate or its key cannot be used: {0}")]
    Rejected(#[source] rustls::Error),
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unusable = |source| TlsError::File {
        path: path.to_owned(),
        source,
    };
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(unusable)?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate(path.to_owned()));
    }
    Ok(certificates)
}

fn clients_of(
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

/// Accepts TLS with the files as they are.
pub(crate) struct Acceptor {
    files: Tls,
    current: Mutex<Current>,
}

struct Current {
    config: Arc<ServerConfig>,
    stamps: Stamps,
    looked: Instant,
}

impl Acceptor {
    pub(crate) fn new(files: Tls) -> Result<Self, TlsError> {
        // Before they are read: a change in between shows.
        let stamps = files.stamps();
        let current = Current {
            config: files.load()?,
            stamps,
            looked: Instant::now(),
        };
        Ok(Self {
            files,
            current: Mutex::new(current),
        })
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.config()).accept(stream).await
    }

    /// What the files say, or said when they last made sense.
    fn config(&self) -> Arc<ServerConfig> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked.elapsed() >= LOOK_EVERY {
            current.looked = Instant::now();
            let stamps = self.files.stamps();
            if stamps != current.stamps {
                current.stamps = stamps;
                match self.files.load() {
                    Ok(config) => {
                        current.config = config;
                        tracing::info!("the metrics endpoint has read its TLS files again");
                    }
                    Err(error) => tracing::error!(
                        %error,
                        "the TLS files have changed and cannot be used; the old ones stay in use"
                    ),
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
