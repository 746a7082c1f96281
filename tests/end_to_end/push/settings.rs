//! Credentials, TLS and invalid settings.

use std::fs;
use std::time::Duration;

use mcp_metrics::{InstallError, InvalidPushGateway, PushGateway, Secret};
use mcp_metrics_tests::{eventually, log};

use super::{NEVER, OFTEN, build, builder, pushes};
use crate::drive::{Folder, Pushgateway, Received, StandIn};

#[test]
fn credentials_are_sent_and_never_logged() {
    let authenticate = |request: &Received, _: usize| match request.authorization.as_deref() {
        // `importer:sesame:open` in base64.
        Some("Basic aW1wb3J0ZXI6c2VzYW1lOm9wZW4=") => Some(("200 OK", "")),
        _ => Some(("401 Unauthorized", "who are you?")),
    };
    let gateway = StandIn::start(authenticate);
    for (password, result) in [("sesame:open", "success"), ("sesame", "failure")] {
        let push = PushGateway::new(gateway.url(), "private")
            .basic_auth("importer", Secret::new(password));
        let (_, exporter) = build(push.interval(NEVER));
        exporter.shutdown();
        assert_eq!(pushes(&exporter, result), 1.0, "{password}");
    }
    assert_eq!(gateway.received().len(), 2, "a 401 is not retried");
    let log = log::lines(&gateway.address.to_string());
    assert!(
        log.iter()
            .any(|line| line.contains("401") && line.contains("who are you?"))
    );
    for line in log {
        assert!(
            !line.contains("sesame") && !line.contains("aW1wb3J0ZXI6"),
            "{line}"
        );
    }
}

/// The user `importer` with the password `sesame`, hashed with bcrypt at its lowest cost.
const USERS: &str =
    "basic_auth_users:\n  importer: $2b$04$abcdefghijklmnopqrstuuinwY/tkBVrn3xrxQI/TgnMHhkvl85RW\n";

#[test]
fn rotated_password_file_is_used_for_the_next_push() {
    let gateway = StandIn::start(|_, _| Some(("200 OK", "")));
    let folder = Folder::new("rotated");
    let file = folder.join("password");
    // `importer:old` and `importer:new` in base64.
    let [old, new] = ["Basic aW1wb3J0ZXI6b2xk", "Basic aW1wb3J0ZXI6bmV3"];
    let last = || gateway.received().pop().and_then(|it| it.authorization);
    // At once, as a platform that mounts secrets does.
    let replace = |text: &str| {
        let next = folder.join("next");
        fs::write(&next, text).expect("a file");
        fs::rename(next, &file).expect("a file in the same folder");
    };
    replace("old\n");
    let push = PushGateway::new(gateway.url(), "rotated");
    let push = push.basic_auth("importer", Secret::file(&file));
    let (_, exporter) = build(push.interval(OFTEN));
    eventually("the old password", || last().as_deref() == Some(old));
    replace("new\n");
    eventually("the new password", || last().as_deref() == Some(new));

    replace("");
    let path = file.display().to_string();
    eventually("an error", || !log::lines(&path).is_empty());
    let before = gateway.received().len();
    eventually("pushes", || gateway.received().len() > before + 2);
    assert_eq!(last().as_deref(), Some(new));
    assert_eq!(log::lines(&path).len(), 1, "logged once");
    exporter.shutdown();
}

#[test]
fn tls_push_requires_the_right_ca_and_password() {
    let folder = Folder::new("pushgateway");
    let file = |name: &str, text: &str| {
        fs::write(folder.join(name), text).expect("a writable folder");
        folder.join(name)
    };
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let unrelated = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("another");
    let certificate = file("gateway.pem", &own.cert.pem());
    file("gateway.key", &own.signing_key.serialize_pem());
    let other = file("other.pem", &unrelated.cert.pem());
    let tls = "tls_server_config:\n  cert_file: gateway.pem\n  key_file: gateway.key\n";
    let web = file("web.yml", &[tls, USERS].concat());
    let web = web.to_str().expect("a path in UTF-8");
    let Some(gateway) = Pushgateway::start_at("127.0.0.1:0", &["--web.config.file", web]) else {
        return;
    };
    let push = PushGateway::new(
        format!("https://localhost:{}", gateway.address.port()),
        "private",
    );
    for (ca_file, password, result) in [
        (&certificate, "sesame", "success"),
        (&certificate, "wrong", "failure"),
        (&other, "sesame", "failure"),
    ] {
        let push = push
            .clone()
            .ca_file(ca_file)
            .basic_auth("importer", Secret::new(password));
        let (_, exporter) = build(push.interval(NEVER));
        exporter.shutdown();
        assert_eq!(pushes(&exporter, result), 1.0, "{ca_file:?} {password}");
    }
}

#[test]
fn invalid_settings_are_install_errors_without_side_effects() {
    let valid = PushGateway::new("http://127.0.0.1:9091", "job");
    let error = |gateway: &PushGateway| match builder(gateway.clone()).install() {
        Err(InstallError::PushGateway(error)) => error,
        other => panic!("{gateway:?}: {other:?}"),
    };
    assert!(matches!(
        error(&PushGateway::new("http://me:secret@gateway", "job")),
        InvalidPushGateway::Credentials
    ));
    assert!(matches!(
        error(&PushGateway::new("gateway:9091", "job")),
        InvalidPushGateway::Url(_)
    ));
    assert!(matches!(
        error(&PushGateway::new("ftp://gateway", "job")),
        InvalidPushGateway::Scheme(scheme) if scheme == "ftp"
    ));
    assert!(matches!(
        error(&PushGateway::new("http://gateway", "")),
        InvalidPushGateway::EmptyJob
    ));
    assert!(matches!(
        error(&valid.clone().grouping("bad-name", "x")),
        InvalidPushGateway::LabelName(name) if name == "bad-name"
    ));
    assert!(matches!(
        error(&valid.clone().grouping("job", "x")),
        InvalidPushGateway::JobLabel
    ));
    assert!(matches!(
        error(&valid.clone().grouping("zone", "a").grouping("zone", "b")),
        InvalidPushGateway::DuplicateLabel(name) if name == "zone"
    ));
    assert!(matches!(
        error(&valid.interval(Duration::ZERO)),
        InvalidPushGateway::Interval(Duration::ZERO)
    ));

    // The errors installed no recorder, and an exporter that fails to install pushes nothing.
    let gateway = StandIn::start(|_, _| Some(("200 OK", "")));
    let push = PushGateway::new(gateway.url(), "job").interval(NEVER);
    let exporter = builder(push.clone())
        .install()
        .expect("the first install of this process");
    let second = builder(push).install();
    assert!(matches!(second, Err(InstallError::AlreadyInstalled)));
    assert_eq!(gateway.received().len(), 0);
    exporter.shutdown();
    assert_eq!(gateway.received().len(), 1);
}
