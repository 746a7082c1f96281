//! Diagnostics of TLS: unusable keys, plain HTTP, failed handshakes.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use crate::chain;
use crate::connections::raw;
use crate::tls::{Folder, get, serve};
use mcp_metrics::{Exporter, InstallError, Tls, TlsError};
use mcp_metrics_tests::certificates::Authority;
use mcp_metrics_tests::{eventually, http, log};

/// Returns a file of `tests/endpoint/keys`.
fn key(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("endpoint/keys")
        .join(name)
}

fn refused(tls: Tls) -> TlsError {
    let builder = Exporter::builder().listen(([127, 0, 0, 1], 0)).tls(tls);
    match builder.build().unwrap_err() {
        InstallError::Tls(error) => error,
        error => panic!("{error}"),
    }
}

#[test]
fn unusable_key_is_named_in_the_install_error() {
    let folder = Folder::new("keys");
    let identity = Authority::new().issue("localhost");
    let certificate = folder.write("server.crt", &identity.certificate);
    for (name, message) in [
        ("encrypted_pkcs8.pem", "is encrypted; decrypt it"),
        ("encrypted_rfc1421.pem", "is encrypted; decrypt it"),
        ("public.pem", "no private key in"),
        ("rsa_1024_pkcs1.pem", "has 1024 bits; expected 2048 to 4096"),
        ("rsa_1024_pkcs8.pem", "has 1024 bits; expected 2048 to 4096"),
        ("rsa_5120_pkcs8.pem", "has 5120 bits; expected 2048 to 4096"),
        ("rsa_pss_1024.pem", "has 1024 bits; expected 2048 to 4096"),
        ("p521.pem", "unsupported private key in"),
    ] {
        let error = refused(Tls::new(&certificate, key(name)));
        let text = chain(&error);
        assert!(
            text.contains(message) && text.contains(name),
            "{name}: {text}"
        );
        let expected = match name {
            _ if name.starts_with("encrypted") => matches!(error, TlsError::EncryptedKey(_)),
            "public.pem" => matches!(error, TlsError::NoKey(_)),
            "p521.pem" => matches!(error, TlsError::UnsupportedKey { .. }),
            _ => matches!(error, TlsError::RsaKeySize { .. }),
        };
        assert!(expected, "{name}: {error:?}");
    }
    // The files in the wrong order, an empty file, and a truncated one.
    let valid = folder.write("server.key", &identity.key);
    assert!(matches!(
        refused(Tls::new(&certificate, &certificate)),
        TlsError::NoKey(_)
    ));
    assert!(matches!(
        refused(Tls::new(&valid, &valid)),
        TlsError::NoCertificate(_)
    ));
    let empty = folder.write("empty.key", "");
    assert!(matches!(
        refused(Tls::new(&certificate, empty)),
        TlsError::NoKey(_)
    ));
    let truncated = folder.write("half.key", &identity.key[..identity.key.len() / 2]);
    let error = refused(Tls::new(&certificate, truncated));
    assert!(matches!(error, TlsError::File { .. }), "{error:?}");
    // Not a key, but labelled as one.
    let garbage = "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n";
    let garbage = folder.write("garbage.key", garbage);
    let error = refused(Tls::new(&certificate, garbage));
    assert!(
        matches!(error, TlsError::UnsupportedKey { .. }),
        "{error:?}"
    );
}

#[test]
fn key_of_another_certificate_is_an_install_error() {
    let (authority, folder) = (Authority::new(), Folder::new("mismatch"));
    let certificate = folder.write("a.crt", &authority.issue("localhost").certificate);
    let key = folder.write("b.key", &authority.issue("localhost").key);
    assert!(matches!(
        refused(Tls::new(certificate, key)),
        TlsError::Rejected(_)
    ));
}

#[test]
fn plain_http_on_the_tls_port_gets_a_readable_400() {
    let authority = Authority::new();
    let tls = Folder::new("plain-http").server(&authority.issue("localhost"));
    let (exporter, address) = serve(tls);
    for request in [
        "GET /metrics HTTP/1.1\r\nHost: hub\r\n\r\n",
        "GET /metrics HTTP/1.0\r\n\r\n",
        "HEAD /health HTTP/1.1\r\nHost: hub\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\nhi",
    ] {
        let response = raw(address, request);
        assert!(
            response.contains(" 400 Bad Request\r\n"),
            "{request}: {response}"
        );
        let is_explained = response.contains("scheme: https");
        assert_eq!(is_explained, !request.starts_with("HEAD"), "{response}");
        assert!(!response.contains("mcp_hub"), "{response}");
    }
    assert_eq!(get(address, &authority, None).unwrap().0.status, 200);
    exporter.shutdown();
}

#[test]
fn failed_handshakes_are_logged_as_one_warning_for_each_client() {
    log::capture();
    let authority = Authority::new();
    let tls = Folder::new("warnings").server(&authority.issue("localhost"));
    let (exporter, address) = serve(tls);
    // Clients that do not trust the certificate; each connection has another port.
    let mut ports = Vec::new();
    for _ in 0..5 {
        let mut stream = http::connect(address);
        ports.push(stream.local_addr().unwrap().port());
        // The first bytes of a record that is no handshake.
        stream.write_all(b"\x16\x03\x01\x00\x05nonsense").unwrap();
        let mut alert = Vec::new();
        let _ = stream.read_to_end(&mut alert);
    }
    // A port check sends nothing.
    let silent = http::connect(address);
    let silent_port = silent.local_addr().unwrap().port();
    drop(silent);
    let of = |level: &str, port: u16| {
        let lines = log::lines(&format!("peer=127.0.0.1:{port} "));
        lines.iter().filter(|line| line.starts_with(level)).count()
    };
    eventually("all are logged", || {
        let all = ports.iter().chain([&silent_port]);
        all.map(|port| of("WARN", *port) + of("DEBUG", *port))
            .sum::<usize>()
            == 6
    });
    let warnings: usize = ports.iter().map(|port| of("WARN", *port)).sum();
    assert_eq!(warnings, 1);
    assert_eq!(of("WARN", silent_port), 0);
    exporter.shutdown();
}
