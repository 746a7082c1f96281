//! TLS: server and client certificates, and reloading of their files.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use crate::chain;
use mcp_metrics::{Exporter, InstallError, Secret, Tls};
use mcp_metrics_tests::certificates::{Authority, Identity};
use mcp_metrics_tests::{eventually, http};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A directory for one test's files.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("tls")
            .join(test);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn server(&self, identity: &Identity) -> Tls {
        let certificate = self.write("server.crt", &identity.certificate);
        Tls::new(certificate, self.write("server.key", &identity.key))
    }
}

pub(crate) fn serve(tls: Tls) -> (Exporter, SocketAddr) {
    let builder = Exporter::builder().listen(([127, 0, 0, 1], 0)).tls(tls);
    let (_, exporter) = builder.build().unwrap();
    let address = exporter.local_addr().unwrap();
    (exporter, address)
}

/// Connects as a client that trusts one authority.
fn connect(
    address: SocketAddr,
    trusted: &Authority,
    identity: Option<&Identity>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(trusted.pem().as_bytes()).unwrap();
    roots.add(authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match identity {
        None => config.with_no_client_auth(),
        Some(Identity { certificate, key }) => {
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            config
                .with_client_auth_cert(vec![certificate], key)
                .unwrap()
        }
    };
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(connection, http::connect(address))
}

/// Requests the metrics as a client that trusts one authority. Returns the response and the
/// server's certificate.
pub(crate) fn get(
    address: SocketAddr,
    trusted: &Authority,
    identity: Option<&Identity>,
) -> std::io::Result<(http::Response, CertificateDer<'static>)> {
    let mut stream = connect(address, trusted, identity);
    let response = http::exchange(&mut stream, "GET", "/metrics", &[])?;
    let shown = stream.conn.peer_certificates().unwrap()[0]
        .clone()
        .into_owned();
    Ok((response, shown))
}

#[test]
fn tls_endpoint_serves_metrics_and_refuses_plain_http() {
    let authority = Authority::new();
    let folder = Folder::new("plain");
    let (exporter, address) = serve(folder.server(&authority.issue("localhost")));
    let (response, _) = get(address, &authority, None).unwrap();
    assert_eq!(response.status, 200);
    assert!(response.body.contains("mcp_hub_app_info"));

    // Clients that do not trust the certificate, or do not use TLS, fail without affecting others.
    get(address, &Authority::new(), None).unwrap_err();
    assert_eq!(http::get(address, "/metrics").status, 400);
    let _silent = http::connect(address);
    assert_eq!(get(address, &authority, None).unwrap().0.status, 200);
    exporter.shutdown();
}

#[test]
fn client_certificates_are_required_with_client_ca() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let folder = Folder::new("clients");
    let ca = folder.write("clients.crt", &clients.pem());
    let tls = folder.server(&servers.issue("localhost")).client_ca(ca);
    let (exporter, address) = serve(tls);
    let known = clients.issue("prometheus");
    assert_eq!(get(address, &servers, Some(&known)).unwrap().0.status, 200);
    get(address, &servers, None).unwrap_err();
    let stranger = Authority::new().issue("prometheus");
    get(address, &servers, Some(&stranger)).unwrap_err();
    exporter.shutdown();
}

#[test]
fn renewed_certificate_is_reloaded_and_invalid_one_is_ignored() {
    let authority = Authority::new();
    let folder = Folder::new("renewed");
    let first = authority.issue("localhost");
    let (exporter, address) = serve(folder.server(&first));
    let shown = || get(address, &authority, None).unwrap().1;
    let of = |identity: &Identity| {
        CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap()
    };
    assert_eq!(shown(), of(&first));

    let second = authority.issue("localhost");
    let _ = folder.server(&second);
    eventually("the new certificate is served", || shown() == of(&second));

    folder.write("server.crt", "-----BEGIN CERTIFICATE-----\nhalf writ");
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert_eq!(shown(), of(&second));
    let third = authority.issue("localhost");
    let _ = folder.server(&third);
    eventually("the repaired certificate is served", || {
        shown() == of(&third)
    });
    exporter.shutdown();
}

#[test]
fn invalid_tls_files_are_install_errors() {
    let (authority, folder) = (Authority::new(), Folder::new("errors"));
    let identity = authority.issue("localhost");
    let good = folder.server(&identity);
    let refused = |tls: Tls| {
        let builder = Exporter::builder().listen(([127, 0, 0, 1], 0)).tls(tls);
        let error = builder.build().unwrap_err();
        assert!(matches!(error, InstallError::Tls(_)), "{error}");
        chain(&error)
    };
    let certificate = folder.write("good.crt", &identity.certificate);
    let key = folder.write("good.key", &identity.key);
    let other = folder.write("other.key", &authority.issue("localhost").key);
    let empty = folder.write("empty.pem", "");

    assert!(refused(Tls::new("/no/such.crt", &key)).contains("/no/such.crt"));
    assert!(refused(Tls::new(&certificate, "/no/such.key")).contains("/no/such.key"));
    assert!(refused(Tls::new(&empty, &key)).contains("empty.pem"));
    assert!(refused(Tls::new(&certificate, &empty)).contains("empty.pem"));
    assert!(refused(good.client_ca(&empty)).contains("empty.pem"));
    // The key of another certificate.
    refused(Tls::new(&certificate, &other));
}

#[test]
fn half_closed_tls_client_is_answered() {
    use std::io::{Read as _, Write as _};

    let authority = Authority::new();
    let tls = Folder::new("half").server(&authority.issue("localhost"));
    let builder = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .tls(tls)
        .on_scrape(|| std::thread::sleep(std::time::Duration::from_millis(50)));
    let (_, exporter) = builder.build().unwrap();
    let address = exporter.local_addr().unwrap();
    // With an alert before the end, as TLS requires, and without.
    for with_alert in [true, false].repeat(5) {
        let mut stream = connect(address, &authority, None);
        stream.write_all(crate::connections::SCRAPE).unwrap();
        if with_alert {
            stream.conn.send_close_notify();
        }
        stream.flush().unwrap();
        stream.sock.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        // Without an alert of the server, the end of the response is an error.
        let _ = stream.read_to_end(&mut answer);
        assert!(
            answer.starts_with(b"HTTP/1.1 200 OK"),
            "{with_alert}: {} bytes",
            answer.len()
        );
    }
    exporter.shutdown();
}

#[test]
fn bearer_token_is_required_over_tls() {
    let authority = Authority::new();
    let tls = Folder::new("token").server(&authority.issue("localhost"));
    let builder = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .tls(tls)
        .bearer_token(Secret::new("token"));
    let (_, exporter) = builder.build().unwrap();
    let (response, _) = get(exporter.local_addr().unwrap(), &authority, None).unwrap();
    assert_eq!(response.status, 401);
    exporter.shutdown();
}
