//! Access control: bearer tokens, passwords, networks.

use std::io::Write as _;
use std::net::SocketAddr;

use crate::{chain, serve};
use mcp_metrics::{AccessError, Exporter, ExporterBuilder, InstallError, Secret};
use mcp_metrics_tests::{Scrape, http};

/// Returns the hash of `s3cret` with the minimum cost, which keeps the tests fast.
fn hash() -> Secret {
    Secret::new(bcrypt::hash("s3cret", 4).unwrap())
}

fn status(address: SocketAddr, path: &str, authorization: &str) -> u16 {
    let headers = [("Authorization", authorization)];
    let headers = if authorization.is_empty() {
        &[][..]
    } else {
        &headers
    };
    http::get_with(address, path, headers).status
}

fn refused(configure: impl FnOnce(ExporterBuilder) -> ExporterBuilder) -> InstallError {
    let builder = Exporter::builder().listen(([127, 0, 0, 1], 0));
    configure(builder).build().unwrap_err()
}

#[test]
fn bearer_token_grants_access_to_all_routes_but_health() {
    let (exporter, address) = serve(|builder| {
        let builder = builder.bearer_token(Secret::new("first-token"));
        builder.bearer_token(Secret::new("second-token\n"))
    });
    for path in ["/metrics", "/api/get_prometheus_metrics_service"] {
        for token in ["first-token", "second-token"] {
            assert_eq!(status(address, path, &format!("Bearer {token}")), 200);
        }
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer first-toke",
            "Bearer first-tokenn",
            "Bearer FIRST-TOKEN",
            "Basic first-token",
            "first-token",
            "Bearer \u{e9}",
        ] {
            assert_eq!(status(address, path, wrong), 401, "{wrong:?}");
        }
    }
    let challenge = http::get(address, "/metrics");
    assert_eq!(
        challenge.header("www-authenticate"),
        Some("Bearer realm=\"metrics\"")
    );
    assert!(!challenge.body.contains("mcp_hub"));
    assert_eq!(http::request(address, "POST", "/metrics").status, 401);
    // Liveness probes need no token, and get no metrics.
    assert_eq!(status(address, "/health", ""), 200);

    let scrape = Scrape::parse(&exporter.render());
    assert_eq!(
        scrape.value("mcp_metrics_scrapes_total", &[("code", "200")]),
        4.0
    );
    assert_eq!(
        scrape.value("mcp_metrics_scrapes_total", &[("code", "401")]),
        20.0
    );
    exporter.shutdown();
}

#[test]
fn password_grants_access() {
    let (exporter, address) = serve(|builder| builder.basic_auth("prometheus", hash()));
    // prometheus:s3cret
    let right = "Basic cHJvbWV0aGV1czpzM2NyZXQ=";
    for _ in 0..3 {
        assert_eq!(status(address, "/metrics", right), 200);
    }
    for wrong in [
        "",
        "Basic",
        "Basic !",
        // prometheus:S3cret, prometheus:, an unknown user with s3cret, prometheus
        "Basic cHJvbWV0aGV1czpTM2NyZXQ=",
        "Basic cHJvbWV0aGV1czo=",
        "Basic bm9ib2R5OnMzY3JldA==",
        "Basic cHJvbWV0aGV1cw==",
        "Bearer cHJvbWV0aGV1czpzM2NyZXQ=",
    ] {
        assert_eq!(status(address, "/metrics", wrong), 401, "{wrong:?}");
    }
    assert_eq!(status(address, "/metrics", right), 200);
    let challenge = http::get(address, "/metrics");
    let scheme = challenge.header("www-authenticate").unwrap();
    assert!(scheme.starts_with("Basic realm="), "{scheme}");
    exporter.shutdown();
}

#[test]
fn password_guessing_does_not_block_verified_clients() {
    let (exporter, address) = serve(|builder| builder.basic_auth("prometheus", hash()));
    let right = "Basic cHJvbWV0aGV1czpzM2NyZXQ=";
    assert_eq!(status(address, "/metrics", right), 200);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(
                        status(address, "/metrics", "Basic bm9ib2R5OnMzY3JldA=="),
                        401
                    );
                }
            });
        }
        for _ in 0..20 {
            assert_eq!(status(address, "/metrics", right), 200);
        }
    });
    exporter.shutdown();
}

#[test]
fn disallowed_network_is_refused() {
    let (exporter, address) = serve(|builder| builder.allow_network("10.0.0.0/8"));
    for path in ["/metrics", "/health"] {
        let refused = http::get(address, path);
        assert_eq!(refused.status, 403);
        assert!(!refused.body.contains("mcp_hub"));
    }
    exporter.shutdown();

    let (exporter, address) = serve(|builder| {
        let builder = builder.allow_network("10.0.0.0/8");
        let builder = builder.allow_network("127.0.0.1");
        builder.bearer_token(Secret::new("token"))
    });
    // Both the network and the token are required.
    assert_eq!(status(address, "/metrics", ""), 401);
    assert_eq!(status(address, "/metrics", "Bearer token"), 200);
    exporter.shutdown();
}

#[tokio::test]
async fn router_enforces_access_rules() {
    let rules = |builder: ExporterBuilder| {
        let (_, exporter) = builder.allow_network("127.0.0.0/8").build().unwrap();
        exporter.router()
    };
    let with_token = rules(Exporter::builder().bearer_token(Secret::new("token")));
    let without = rules(Exporter::builder());
    let serve = async |app: axum::Router, with_connect_info: bool| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            if with_connect_info {
                let app = app.into_make_service_with_connect_info::<SocketAddr>();
                axum::serve(listener, app).await
            } else {
                axum::serve(listener, app).await
            }
        });
        address
    };
    let get = async |address, authorization: &'static str| {
        let status = move || status(address, "/metrics", authorization);
        tokio::task::spawn_blocking(status).await.unwrap()
    };
    let address = serve(with_token, true).await;
    assert_eq!(get(address, "").await, 401);
    assert_eq!(get(address, "Bearer token").await, 200);
    // Without the client's address, the network rule cannot be checked, so requests are refused.
    let address = serve(without.clone(), false).await;
    assert_eq!(get(address, "").await, 403);
    let address = serve(without, true).await;
    assert_eq!(get(address, "").await, 200);
}

#[test]
fn secrets_are_read_from_environment_and_files() {
    let mut file = tempfile();
    writeln!(file.1, "token-of-a-file").unwrap();
    // Cargo sets this variable for every test.
    let (exporter, address) = serve(|builder| {
        let builder = builder.bearer_token(Secret::env("CARGO_PKG_NAME"));
        builder.bearer_token(Secret::file(&file.0))
    });
    for token in ["mcp-metrics-tests", "token-of-a-file"] {
        assert_eq!(status(address, "/metrics", &format!("Bearer {token}")), 200);
    }
    exporter.shutdown();
    std::fs::remove_file(file.0).unwrap();
}

fn tempfile() -> (std::path::PathBuf, std::fs::File) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("token");
    let file = std::fs::File::create(&path).unwrap();
    (path, file)
}

#[test]
fn invalid_access_configuration_is_an_install_error() {
    let error = refused(|builder| builder.bearer_token(Secret::env("NO_SUCH_VARIABLE")));
    assert!(chain(&error).contains("NO_SUCH_VARIABLE"), "{error}");
    let error = refused(|builder| builder.bearer_token(Secret::file("/no/such/file")));
    assert!(chain(&error).contains("/no/such/file"), "{error}");
    for empty in ["", " \n"] {
        let error = refused(|builder| builder.bearer_token(Secret::new(empty)));
        assert!(
            matches!(error, InstallError::Access(AccessError::Token(_))),
            "{error}"
        );
    }
    let error = refused(|builder| builder.bearer_token(Secret::new("two words")));
    assert!(matches!(
        error,
        InstallError::Access(AccessError::TokenCharacters)
    ));

    let error = refused(|builder| builder.basic_auth("prometheus", Secret::new("s3cret")));
    let message = chain(&error);
    assert!(
        message.contains("htpasswd") && !message.contains("s3cret"),
        "{message}"
    );
    for user in ["", "a:b"] {
        let error = refused(|builder| builder.basic_auth(user, hash()));
        assert!(
            matches!(error, InstallError::Access(AccessError::User(_))),
            "{error}"
        );
    }
    for network in ["", "localhost", "10.0.0.0/33", "10.0.0"] {
        let error = refused(|builder| builder.allow_network(network));
        assert!(chain(&error).contains("10.0.0.0/8"), "{error}");
    }
}

#[test]
fn debug_output_contains_no_secrets() {
    let builder = Exporter::builder()
        .bearer_token(Secret::new("s3cret-token"))
        .basic_auth("prometheus", hash());
    let shown = format!("{builder:?} {:?} {:?}", Secret::new("s3cret-token"), hash());
    let (_, exporter) = builder.build().unwrap();
    let shown = format!("{shown} {exporter:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("$2"),
        "{shown}"
    );
}
