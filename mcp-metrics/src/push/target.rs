//! From a configuration to one that cannot be wrong.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use secrecy::ExposeSecret as _;
use ureq::http::{HeaderValue, Uri};

use super::invalid::MIN_INTERVAL;
use super::{InvalidPushGateway, PushGateway};
use crate::secret::Secret;

/// Where to push what, and how often.
#[derive(Debug)]
pub(crate) struct Target {
    /// The group's URL; no secret in it.
    pub(super) url: String,
    /// The header's value, marked as sensitive.
    pub(super) authorization: Option<HeaderValue>,
    pub(super) interval: Duration,
    #[cfg(feature = "tls")]
    pub(super) roots: Option<ureq::tls::RootCerts>,
}

impl Target {
    /// Checks a configuration.
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
            if !is_label_name(name) {
                return Err(InvalidPushGateway::LabelName(name.clone()));
            }
            if gateway.grouping[..index]
                .iter()
                .any(|(known, _)| known == name)
            {
                return Err(InvalidPushGateway::DuplicateLabel(name.clone()));
            }
            push_label(&mut url, name, value);
        }
        if gateway.interval < MIN_INTERVAL {
            return Err(InvalidPushGateway::Interval(gateway.interval));
        }
        Ok(Self {
            url,
            authorization: authorization(gateway.basic_auth.as_ref())?,
            interval: gateway.interval,
            #[cfg(feature = "tls")]
            roots: roots(gateway.ca_file.as_deref())?,
        })
    }
}

/// The URL as far as the gateway's own paths begin.
fn base_url(url: &str) -> Result<String, InvalidPushGateway> {
    // First, so that no other error repeats a password.
    if url.contains('@') {
        return Err(InvalidPushGateway::Credentials);
    }
    if url.contains(['?', '#']) {
        return Err(InvalidPushGateway::Query);
    }
    let invalid = || InvalidPushGateway::Url(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| invalid())?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") if cfg!(feature = "tls") => {}
        Some("https") => return Err(InvalidPushGateway::Tls),
        Some(scheme) => return Err(InvalidPushGateway::Scheme(scheme.to_owned())),
        None => return Err(invalid()),
    }
    let authority = uri.authority().ok_or_else(invalid)?;
    let port = authority.as_str().strip_prefix(authority.host());
    let port = port.ok_or_else(invalid)?;
    let port_is_valid = port.is_empty() || authority.port_u16().is_some_and(|port| port > 0);
    if authority.host().is_empty() || !port_is_valid {
        return Err(invalid());
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn is_label_name(name: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_start)
        && !name.starts_with("__")
        && name.chars().all(|c| is_start(c) || c.is_ascii_digit())
}

/// Adds a label as the gateway reads it: plain where its path can hold the value as it is, so that
/// people can read it too, or else in base64.
fn push_label(url: &mut String, name: &str, value: &str) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    // A path of dots only is another path.
    let plain = value.chars().all(is_plain) && !value.trim_matches('.').is_empty();
    let parts = if plain {
        ["/", name, "/", value].concat()
    } else {
        // The padding makes a value of an empty one; without, the path would end in a slash.
        let encoded = match value {
            "" => "=".to_owned(),
            value => BASE64_URL_SAFE.encode(value),
        };
        ["/", name, "@base64/", &encoded].concat()
    };
    url.push_str(&parts);
}

fn authorization(
    basic_auth: Option<&(String, Secret)>,
) -> Result<Option<HeaderValue>, InvalidPushGateway> {
    let Some((user, password)) = basic_auth else {
        return Ok(None);
    };
    if user.contains(':') {
        return Err(InvalidPushGateway::UserName);
    }
    let password = password
        .read()
        .map_err(|source| InvalidPushGateway::Password {
            user: user.clone(),
            source,
        })?;
    let credentials = format!("{user}:{}", password.expose_secret());
    let credentials = BASE64_STANDARD.encode(credentials);
    let value = HeaderValue::try_from(format!("Basic {credentials}"));
    let mut value = value.expect("base64 is fit for a header");
    value.set_sensitive(true);
    Ok(Some(value))
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
            let none = "there is no certificate in it";
            return Err(io::Error::new(io::ErrorKind::InvalidData, none));
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

    fn error(gateway: &PushGateway) -> String {
        Target::new(gateway).unwrap_err().to_string()
    }

    #[test]
    fn labels_are_part_of_the_path() {
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
    fn a_url_without_host_or_port_is_refused() {
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
    fn a_url_with_a_secret_is_refused_and_not_repeated() {
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
    fn https_is_refused_without_the_feature() {
        let error = error(&PushGateway::new("https://gateway", "job"));
        assert!(error.contains("feature `tls`"), "{error}");
    }

    #[test]
    #[cfg(feature = "tls")]
    fn certificates_that_are_none_are_refused() {
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
    fn jobs_and_labels_are_checked() {
        assert!(error(&PushGateway::new(URL, "")).contains("empty"));
        let gateway = PushGateway::new(URL, "job");
        assert!(error(&gateway.clone().grouping("job", "x")).contains("`PushGateway::new`"));
        for name in ["", "1st", "bad-label", "__name__", "ä", "a b"] {
            let error = error(&gateway.clone().grouping(name, "x"));
            assert!(error.contains(&format!("`{name}` is not")), "{error}");
        }
        let twice = gateway.grouping("zone", "a").grouping("zone", "b");
        assert!(error(&twice).contains("`zone` is given twice"));
    }

    #[test]
    fn credentials_and_interval_are_checked() {
        let gateway = PushGateway::new(URL, "job");
        let target = Target::new(
            &gateway
                .clone()
                .basic_auth("Aladdin", Secret::new("open sesame")),
        )
        .unwrap();
        assert_eq!(
            target.authorization.as_ref().unwrap(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert!(!format!("{target:?}").contains("QWxhZGRpb"));
        assert!(error(&gateway.clone().basic_auth("a:b", Secret::new("c"))).contains("colon"));
        for interval in [Duration::ZERO, Duration::from_millis(99)] {
            let error = error(&gateway.clone().interval(interval));
            assert!(
                error.contains(&format!("{interval:?} is too short")),
                "{error}"
            );
        }
        assert!(Target::new(&gateway.interval(MIN_INTERVAL)).is_ok());
    }
}
