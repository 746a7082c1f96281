//! Secrets that are rotated while the endpoint runs.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::serve;
use mcp_metrics::{Exporter, Secret};
use mcp_metrics_tests::{eventually, http, log};

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("rotation")
        .join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn with_token(address: SocketAddr, token: &str) -> u16 {
    let value = format!("Bearer {token}");
    http::get_with(address, "/metrics", &[("Authorization", &value)]).status
}

/// Waits until one token is valid and the other is not.
fn assert_rotated(address: SocketAddr, valid: &str, invalid: &str) {
    eventually("the new token is valid", || {
        with_token(address, valid) == 200
    });
    assert_eq!(with_token(address, invalid), 401);
}

#[test]
fn rotated_token_file_is_reloaded() {
    let token = folder("token").join("token");
    // Of the same length, so that only the times and the inode differ.
    fs::write(&token, "first\n").unwrap();
    let (exporter, address) = serve(|builder| {
        let builder = builder.bearer_token(Secret::file(&token));
        builder.bearer_token(Secret::new("fixed"))
    });
    assert_eq!(with_token(address, "first"), 200);
    assert_eq!(with_token(address, "other"), 401);
    fs::write(&token, "other\n").unwrap();
    assert_rotated(address, "other", "first");
    // Replaced by a file with the same time of modification.
    let modified = fs::metadata(&token).unwrap().modified().unwrap();
    let replacement = token.with_extension("new");
    fs::write(&replacement, "third\n").unwrap();
    let file = fs::File::options().write(true).open(&replacement).unwrap();
    file.set_modified(modified).unwrap();
    fs::rename(&replacement, &token).unwrap();
    assert_rotated(address, "third", "other");
    assert_eq!(with_token(address, "fixed"), 200);
    exporter.shutdown();
}

#[test]
#[cfg(unix)]
fn token_of_a_kubernetes_secret_is_reloaded() {
    // The kubelet swaps a link to the folder that the files link into.
    let folder = folder("kubernetes");
    let version = |name: &str, token: &str| {
        fs::create_dir_all(folder.join(name)).unwrap();
        fs::write(folder.join(name).join("token"), token).unwrap();
        let link = folder.join("..data_tmp");
        std::os::unix::fs::symlink(name, &link).unwrap();
        fs::rename(link, folder.join("..data")).unwrap();
    };
    version("..1", "token-1");
    std::os::unix::fs::symlink("..data/token", folder.join("token")).unwrap();
    let (exporter, address) =
        serve(|builder| builder.bearer_token(Secret::file(folder.join("token"))));
    assert_eq!(with_token(address, "token-1"), 200);
    version("..2", "token-2");
    fs::remove_dir_all(folder.join("..1")).unwrap();
    assert_rotated(address, "token-2", "token-1");
    exporter.shutdown();
}

#[test]
fn invalid_token_file_keeps_the_previous_token() {
    log::capture();
    let folder = folder("invalid");
    let token = folder.join("token");
    fs::write(&token, "good").unwrap();
    let (exporter, address) = serve(|builder| builder.bearer_token(Secret::file(&token)));
    for invalid in [Some(""), Some("two words"), None] {
        let before = failures();
        match invalid {
            Some(text) => fs::write(&token, text).unwrap(),
            None => fs::remove_file(&token).unwrap(),
        }
        eventually("the failure is logged", || {
            assert_eq!(with_token(address, "good"), 200, "{invalid:?}");
            failures() > before
        });
        assert_eq!(with_token(address, ""), 401);
    }
    fs::write(&token, "repaired").unwrap();
    assert_rotated(address, "repaired", "good");
    exporter.shutdown();
}

/// Returns the number of logged failures to reload secrets.
fn failures() -> usize {
    log::lines("failed to reload secrets of the metrics endpoint").len()
}

#[test]
fn rotated_password_hash_is_reloaded() {
    let hash = folder("hash").join("hash");
    let write = |password: &str| fs::write(&hash, bcrypt::hash(password, 4).unwrap()).unwrap();
    write("first");
    let (exporter, address) =
        serve(|builder| builder.basic_auth("prometheus", Secret::file(&hash)));
    // `prometheus:first`, `prometheus:second`
    let status = |password: &str| {
        let value = match password {
            "first" => "Basic cHJvbWV0aGV1czpmaXJzdA==",
            _ => "Basic cHJvbWV0aGV1czpzZWNvbmQ=",
        };
        http::get_with(address, "/metrics", &[("Authorization", value)]).status
    };
    // Verified passwords are remembered, and forgotten at the rotation.
    assert_eq!(
        [status("first"), status("first"), status("second")],
        [200, 200, 401]
    );
    write("second");
    eventually("the new password is valid", || status("second") == 200);
    assert_eq!(status("first"), 401);
    exporter.shutdown();
}

#[tokio::test]
async fn router_reloads_rotated_tokens() {
    let token = folder("router").join("token");
    fs::write(&token, "first").unwrap();
    let builder = Exporter::builder().bearer_token(Secret::file(&token));
    let (_, exporter) = builder.build().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = exporter.router();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = tokio::task::spawn_blocking(move || {
        assert_eq!(with_token(address, "first"), 200);
        fs::write(&token, "second").unwrap();
        assert_rotated(address, "second", "first");
    });
    client.await.unwrap();
}
