//! Who may read.

use std::io::Write as _;
use std::net::SocketAddr;

use crate::serve;
use mcp_metrics::{AccessError, Exporter, ExporterBuilder, InstallError, Secret};
use mcp_metrics_tests::{Scrape, http};

/// The hash of `s3cret`, of the least cost: a test need not keep guessers waiting.
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
fn a_bearer_token_opens() {
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
    // Whoever keeps the program alive needs no token, and learns nothing.
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
fn a_password_opens() {
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
        // prometheus:S3cret, prometheus:, nobody:s3cret, prometheus
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
    let how = challenge.header("www-authenticate").unwrap();
    assert!(how.starts_with("Basic realm="), "{how}");
    exporter.shutdown();
}

#[test]
fn a_guesser_does_not_keep_others_out() {
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
fn networks_that_are_not_allowed_are_refused() {
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
    // From there, and with the token.
    assert_eq!(status(address, "/metrics", ""), 401);
    assert_eq!(status(address, "/metrics", "Bearer token"), 200);
    exporter.shutdown();
}

#[tokio::test]
async fn the_rules_hold_for_the_router_too() {
    let rules = |builder: ExporterBuilder| {
        let (_, exporter) = builder.allow_network("127.0.0.0/8").build().unwrap();
        exporter.router()
    };
    let with_token = rules(Exporter::builder().bearer_token(Secret::new("token")));
    let without = rules(Exporter::builder());
    let serve = async |app: axum::Router, tells_addresses: bool| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            if tells_addresses {
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
    // A server that doesn't say where its clients are cannot tell the allowed from the others.
    let address = serve(without.clone(), false).await;
    assert_eq!(get(address, "").await, 403);
    let address = serve(without, true).await;
    assert_eq!(get(address, "").await, 200);
}

#[test]
fn secrets_come_from_the_environment_and_from_files() {
    let mut file = tempfile();
    writeln!(file.1, "token-of-a-file").unwrap();
    // Cargo sets this one for every test.
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
fn what_protects_nothing_is_an_error_and_never_an_open_endpoint() {
    let error = refused(|builder| builder.bearer_token(Secret::env("NO_SUCH_VARIABLE")));
    assert!(error.to_string().contains("NO_SUCH_VARIABLE"), "{error}");
    let error = refused(|builder| builder.bearer_token(Secret::file("/no/such/file")));
    assert!(error.to_string().contains("/no/such/file"), "{error}");
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
    let message = error.to_string();
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
        assert!(error.to_string().contains("10.0.0.0/8"), "{error}");
    }
}

#[test]
fn secrets_are_not_shown() {
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
