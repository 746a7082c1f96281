//! Validation of a [`PushGateway`].

use std::time::Duration;

use super::credentials::Credentials;
use super::invalid::MIN_INTERVAL;
use super::url::{base_url, is_label_name, push_label};
use super::{InvalidPushGateway, PushGateway};
use crate::secret::Secret;

/// The label that distinguishes the group of the last success from the program's group.
const GROUP_LABEL: &str = "push_group";

/// A validated [`PushGateway`].
#[derive(Debug)]
pub(crate) struct Target {
    /// The group's URL, which contains no secret.
    pub(super) url: String,
    pub(super) credentials: Option<Credentials>,
    /// The URL of the group with the time of the last success.
    pub(super) last_success_url: String,
    pub(super) interval: Duration,
    pub(super) pushes_all: bool,
    pub(super) deletes: bool,
    #[cfg(feature = "tls")]
    pub(super) roots: Option<ureq::tls::RootCerts>,
}

impl Target {
    /// Validates the configuration, and reads the password and the CA certificates.
    pub(crate) fn new(gateway: &PushGateway) -> Result<Self, InvalidPushGateway> {
        let mut url = base_url(&gateway.url)?;
        if gateway.job.is_empty() {
            return Err(InvalidPushGateway::EmptyJob);
        }
        url.push_str("/metrics");
        push_label(&mut url, "job", &gateway.job);
        for (index, (name, value)) in gateway.grouping.iter().enumerate() {
            if name == "job" {
                return Err(InvalidPushGateway::JobLabel);
            }
            if name == GROUP_LABEL {
                return Err(InvalidPushGateway::DuplicateLabel(name.clone()));
            }
            if !is_label_name(name) {
                return Err(InvalidPushGateway::LabelName(name.clone()));
            }
            if gateway.grouping[..index]
                .iter()
                .any(|(other, _)| other == name)
            {
                return Err(InvalidPushGateway::DuplicateLabel(name.clone()));
            }
            push_label(&mut url, name, value);
        }
        let mut last_success_url = url.clone();
        push_label(&mut last_success_url, GROUP_LABEL, "last_success");
        if gateway.interval < MIN_INTERVAL {
            return Err(InvalidPushGateway::Interval(gateway.interval));
        }
        Ok(Self {
            url,
            last_success_url,
            pushes_all: gateway.all_metrics,
            deletes: gateway.delete_on_shutdown,
            credentials: credentials(gateway.basic_auth.as_ref())?,
            interval: gateway.interval,
            #[cfg(feature = "tls")]
            roots: roots(gateway.ca_file.as_deref())?,
        })
    }
}

fn credentials(
    basic_auth: Option<&(String, Secret)>,
) -> Result<Option<Credentials>, InvalidPushGateway> {
    let Some((user, password)) = basic_auth else {
        return Ok(None);
    };
    if user.contains(':') {
        return Err(InvalidPushGateway::UserName);
    }
    let credentials = Credentials::new(user.clone(), password.clone());
    let credentials = credentials.map_err(|source| InvalidPushGateway::Password {
        user: user.clone(),
        source,
    })?;
    Ok(Some(credentials))
}

#[cfg(feature = "tls")]
fn roots(
    path: Option<&std::path::Path>,
) -> Result<Option<ureq::tls::RootCerts>, InvalidPushGateway> {
    use std::io;
    use ureq::tls::{PemItem, RootCerts, parse_pem};

    let Some(path) = path else {
        return Ok(None);
    };
    let read = || {
        let mut certificates = Vec::new();
        for item in parse_pem(&std::fs::read(path)?) {
            let item = item.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            if let PemItem::Certificate(certificate) = item {
                certificates.push(certificate);
            }
        }
        if certificates.is_empty() {
            let message = "no certificate found";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(RootCerts::from(certificates))
    };
    read()
        .map(Some)
        .map_err(|source| InvalidPushGateway::CaFile {
            path: path.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:9091";

    fn url(gateway: &PushGateway) -> String {
        Target::new(gateway).unwrap().url
    }

    /// Returns the messages of the error and of its sources.
    fn error(gateway: &PushGateway) -> String {
        let error = Target::new(gateway).unwrap_err();
        let mut messages = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            messages = format!("{messages}: {error}");
            source = error.source();
        }
        messages
    }

    #[test]
    fn labels_are_encoded_in_the_path() {
        let gateway = PushGateway::new("http://gateway/prefix//", "nightly_import-1.0~")
            .grouping("instance", "a/b")
            .grouping("empty", "")
            .grouping("dots", "..")
            .grouping("_odd", "ä \"%?");
        assert_eq!(
            url(&gateway),
            "http://gateway/prefix/metrics/job/nightly_import-1.0~/instance@base64/YS9i\
             /empty@base64/=/dots@base64/Li4=/_odd@base64/w6QgIiU_"
        );
        assert_eq!(
            url(&PushGateway::new("http://[::1]:9091", "a/b")),
            "http://[::1]:9091/metrics/job@base64/YS9i"
        );
    }

    #[test]
    fn url_without_scheme_host_or_valid_port_is_an_error() {
        for url in [
            "",
            "127.0.0.1:9091",
            "localhost",
            "/metrics",
            "http://",
            "http://:9091",
            "http://gateway:",
            "http://gateway:0",
            "http://gateway:99999",
            "http://gate way",
        ] {
            let error = error(&PushGateway::new(url, "job"));
            assert!(
                error.contains("like `http://127.0.0.1:9091`"),
                "{url}: {error}"
            );
        }
        let error = error(&PushGateway::new("ftp://gateway", "job"));
        assert!(error.contains("`ftp`"), "{error}");
    }

    #[test]
    fn url_with_secret_is_an_error_that_omits_it() {
        for url in [
            "http://user:secret@gateway",
            "user:secret@gateway",
            "ftp://secret@x",
        ] {
            let error = error(&PushGateway::new(url, "job"));
            assert!(
                error.contains("basic_auth") && !error.contains("secret"),
                "{error}"
            );
        }
        for url in ["http://gateway?token=secret", "http://gateway/#secret"] {
            let error = error(&PushGateway::new(url, "job"));
            assert!(
                error.contains("query") && !error.contains("secret"),
                "{error}"
            );
        }
    }

    #[test]
    #[cfg(not(feature = "tls"))]
    fn https_without_the_tls_feature_is_an_error() {
        let error = error(&PushGateway::new("https://gateway", "job"));
        assert!(error.contains("feature `tls`"), "{error}");
    }

    #[test]
    #[cfg(feature = "tls")]
    fn file_without_certificates_is_an_error_with_its_path() {
        let gateway = PushGateway::new("https://gateway", "job");
        assert!(Target::new(&gateway).is_ok());
        for path in ["/nonexistent/ca.pem", file!()] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            let error = error(&gateway.clone().ca_file(&path));
            assert!(error.contains(&*path.to_string_lossy()), "{error}");
        }
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert!(error(&gateway.ca_file(manifest)).contains("no certificate"));
    }

    #[test]
    fn invalid_jobs_and_labels_are_errors() {
        assert!(error(&PushGateway::new(URL, "")).contains("empty"));
        let gateway = PushGateway::new(URL, "job");
        assert!(error(&gateway.clone().grouping("job", "x")).contains("`PushGateway::new`"));
        for name in ["", "1st", "bad-label", "__name__", "ä", "a b"] {
            let error = error(&gateway.clone().grouping(name, "x"));
            assert!(error.contains(&format!("`{name}` is not")), "{error}");
        }
        let reserved = gateway.clone().grouping(GROUP_LABEL, "x");
        assert!(error(&reserved).contains(GROUP_LABEL));
        let twice = gateway.grouping("zone", "a").grouping("zone", "b");
        assert!(error(&twice).contains("duplicate grouping label `zone`"));
    }

    #[test]
    fn credentials_and_interval_are_validated() {
        let gateway = PushGateway::new(URL, "job");
        let target = Target::new(
            &gateway
                .clone()
                .basic_auth("Aladdin", Secret::new("open sesame")),
        )
        .unwrap();
        assert_eq!(
            target.credentials.as_ref().unwrap().header(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert!(!format!("{target:?}").contains("QWxhZGRpb"));
        assert!(error(&gateway.clone().basic_auth("a:b", Secret::new("c"))).contains("colon"));
        for interval in [Duration::ZERO, Duration::from_millis(99)] {
            let error = error(&gateway.clone().interval(interval));
            assert!(error.contains(&format!("(got {interval:?})")), "{error}");
        }
        assert!(Target::new(&gateway.interval(MIN_INTERVAL)).is_ok());
    }
}
