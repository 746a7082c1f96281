//! Unix sockets: their files, and what access control applies.

use std::fs;
use std::io;
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::Duration;

use mcp_metrics::{Exporter, InstallError, Secret};
use mcp_metrics_tests::http;

/// Returns a path without a file. Short, since the path of a socket has at most 107 bytes.
fn path(test: &str) -> PathBuf {
    let name = format!("mcp-metrics-{}-{test}.sock", std::process::id());
    let path = std::env::temp_dir().join(name);
    let _ = fs::remove_file(&path);
    path
}

fn connect(path: &PathBuf) -> UnixStream {
    let stream = UnixStream::connect(path).unwrap();
    let timeout = Some(Duration::from_secs(30));
    stream.set_read_timeout(timeout).unwrap();
    stream
}

fn status(path: &PathBuf, headers: &[(&str, &str)]) -> u16 {
    let response = http::exchange(&mut connect(path), "GET", "/metrics", headers);
    response.unwrap().status
}

#[test]
fn unix_socket_serves_metrics_and_is_removed_at_shutdown() {
    let path = path("serve");
    let (_, exporter) = Exporter::builder()
        .listen_unix(&path)
        .listen(([127, 0, 0, 1], 0))
        .build()
        .unwrap();
    assert_eq!(status(&path, &[]), 200);
    // The TCP address is served as well, and is the only one with an address.
    let addresses = exporter.local_addrs();
    assert_eq!(addresses.len(), 1);
    assert_eq!(http::get(addresses[0], "/metrics").status, 200);
    exporter.shutdown();
    assert!(!path.exists());
}

#[test]
fn dropped_exporter_keeps_the_unix_socket() {
    let path = path("dropped");
    let (recorder, exporter) = Exporter::builder().listen_unix(&path).build().unwrap();
    assert_eq!(exporter.local_addr(), None);
    drop((recorder, exporter));
    assert_eq!(status(&path, &[]), 200);
    fs::remove_file(path).unwrap();
}

#[test]
fn half_closed_unix_client_is_answered() {
    use std::io::{Read as _, Write as _};

    let path = path("half");
    let (_, exporter) = Exporter::builder()
        .listen_unix(&path)
        .on_scrape(|| std::thread::sleep(Duration::from_millis(50)))
        .build()
        .unwrap();
    for _ in 0..10 {
        let mut stream = connect(&path);
        stream.write_all(crate::connections::SCRAPE).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    }
    exporter.shutdown();
}

#[test]
fn unix_socket_requires_credentials_but_no_network() {
    let path = path("access");
    let (_, exporter) = Exporter::builder()
        .listen_unix(&path)
        .allow_network("10.0.0.0/8")
        .bearer_token(Secret::new("token"))
        .build()
        .unwrap();
    assert_eq!(status(&path, &[]), 401);
    assert_eq!(status(&path, &[("Authorization", "Bearer token")]), 200);
    exporter.shutdown();
}

#[test]
fn stale_socket_is_replaced() {
    let path = path("stale");
    // Dropping the listener leaves its file, as a process that is killed does.
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let (_, exporter) = Exporter::builder().listen_unix(&path).build().unwrap();
    assert_eq!(status(&path, &[]), 200);
    exporter.shutdown();
}

#[test]
fn used_socket_and_other_files_are_install_errors_and_stay() {
    let used = path("used");
    let listener = UnixListener::bind(&used).unwrap();
    let file = path("file");
    fs::write(&file, "precious").unwrap();
    let missing = PathBuf::from("/no/such/folder/metrics.sock");
    let other = path("other");
    for (path, kind) in [
        (&used, io::ErrorKind::AddrInUse),
        (&file, io::ErrorKind::AddrInUse),
        (&missing, io::ErrorKind::NotFound),
    ] {
        let builder = Exporter::builder().listen_unix(&other).listen_unix(path);
        let error = builder.build().unwrap_err();
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
        let InstallError::ListenUnix { source, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(source.kind(), kind, "{source}");
        // The socket that could be bound is removed.
        assert!(!other.exists());
    }
    drop(listener);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert!(used.exists());
    fs::remove_file(used).unwrap();
    fs::remove_file(file).unwrap();
}

#[test]
fn socket_of_another_process_is_not_removed() {
    let path = path("replaced");
    let (_, exporter) = Exporter::builder().listen_unix(&path).build().unwrap();
    fs::remove_file(&path).unwrap();
    let _other = UnixListener::bind(&path).unwrap();
    exporter.shutdown();
    assert!(path.exists());
    fs::remove_file(path).unwrap();
}
