//! The settings of a service, from the environment.

use std::{
    ffi::OsString,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use mcp_metrics::{Exporter, ExporterBuilder, PushGateway, Secret, catalog};

use crate::NAMESPACE;

/// The address of the metrics if no other is set.
const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

/// A variable of the environment that has an invalid value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` must be {expected} (got `{value}`)")]
pub struct InvalidVariable {
    name: &'static str,
    value: String,
    expected: &'static str,
}

/// What differs between the places where a service runs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    address: SocketAddr,
    token_file: Option<PathBuf>,
    labels: Vec<(&'static str, String)>,
    push_gateway: Option<String>,
}

impl Settings {
    /// Reads the settings from variables of the environment, which `variable` returns.
    pub(crate) fn from_variables(
        variable: impl Fn(&'static str) -> Option<OsString>,
    ) -> Result<Self, InvalidVariable> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let text = |name| {
            let text = set(name).map(OsString::into_string).transpose();
            text.map_err(|value| InvalidVariable {
                name,
                value: value.to_string_lossy().into_owned(),
                expected: "UTF-8",
            })
        };
        let address = match text("ACME_METRICS_ADDRESS")? {
            None => DEFAULT_ADDRESS,
            Some(value) => value.parse().map_err(|_| InvalidVariable {
                name: "ACME_METRICS_ADDRESS",
                value,
                expected: "an address with a port, such as `127.0.0.1:9464`",
            })?,
        };
        let mut labels = Vec::new();
        for (label, name) in [("region", "ACME_REGION"), ("stage", "ACME_STAGE")] {
            labels.extend(text(name)?.map(|value| (label, value)));
        }
        Ok(Self {
            address,
            token_file: set("ACME_METRICS_TOKEN_FILE").map(PathBuf::from),
            labels,
            push_gateway: text("ACME_PUSH_GATEWAY")?,
        })
    }

    /// Returns the exporter of a service, which is not yet installed.
    pub(crate) fn exporter(self, service: &str, version: &str) -> ExporterBuilder {
        let mut exporter = Exporter::builder()
            .namespace(NAMESPACE)
            .app(service, version)
            .buckets(&catalog::FINE_BUCKETS)
            .listen(self.address);
        for (name, value) in self.labels {
            exporter = exporter.global_label(name, value);
        }
        if let Some(file) = self.token_file {
            exporter = exporter.bearer_token(Secret::file(file));
        }
        if let Some(url) = self.push_gateway {
            exporter = exporter.push_gateway(PushGateway::new(url, service));
        }
        exporter
    }
}

#[cfg(test)]
mod tests {
    use mcp_metrics::{InstallError, MetricsRecorder};

    use super::*;
    use crate::track_request;

    type Variables = [(&'static str, &'static str)];

    fn settings(variables: &Variables) -> Result<Settings, InvalidVariable> {
        Settings::from_variables(|wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    /// Returns an exporter with these settings, which is not the recorder of this process.
    fn build(variables: &Variables) -> Result<(MetricsRecorder, Exporter), InstallError> {
        let settings = settings(variables).expect("valid variables");
        settings.exporter("billing", "1.0.0").build()
    }

    #[test]
    fn empty_variables_count_as_unset() {
        let empty = [("ACME_METRICS_ADDRESS", ""), ("ACME_REGION", "")];
        let defaults = settings(&empty);
        assert_eq!(defaults, settings(&[]));
        assert_eq!(defaults.expect("no error").address, DEFAULT_ADDRESS);
    }

    #[test]
    fn invalid_address_is_an_error_with_its_value() {
        let error = settings(&[("ACME_METRICS_ADDRESS", "9464")]).expect_err("no host");
        let message = error.to_string();
        assert!(
            message.starts_with("`ACME_METRICS_ADDRESS` must be"),
            "{message}"
        );
        assert!(message.ends_with("(got `9464`)"), "{message}");
    }

    #[test]
    fn missing_token_file_is_an_error() {
        let variables = [
            ("ACME_METRICS_ADDRESS", "127.0.0.1:0"),
            ("ACME_METRICS_TOKEN_FILE", "/no/such/token"),
        ];
        let error = build(&variables).expect_err("no file");
        assert!(matches!(error, InstallError::Access(_)), "{error:?}");
    }

    #[test]
    fn series_have_the_namespace_labels_and_buckets_of_the_company() {
        let variables = [
            ("ACME_METRICS_ADDRESS", "127.0.0.1:0"),
            ("ACME_REGION", "eu"),
            ("ACME_STAGE", "production"),
        ];
        let (recorder, exporter) = build(&variables).expect("a valid exporter");
        metrics::with_local_recorder(&recorder, || track_request("ledger", "book").run(|| ()));
        let scrape = exporter.render();
        for line in [
            r#"acme_app_info{region="eu",stage="production",version="1.0.0",name="billing"} 1"#,
            r#"acme_search_api_calls_total{region="eu",stage="production"} 0"#,
            // A bound that the default buckets lack.
            r#"agent="ledger",operation="book",le="300.0"} 1"#,
        ] {
            assert!(scrape.contains(line), "{line} is missing in\n{scrape}");
        }
    }
}
