//! Pushing to a Prometheus Pushgateway, for jobs that are over before Prometheus comes to scrape.

mod client;
mod invalid;
mod pusher;
mod target;

use std::fmt;
#[cfg(feature = "tls")]
use std::path::PathBuf;
use std::time::Duration;

use crate::secret::Secret;
pub use invalid::InvalidPushGateway;
pub(crate) use pusher::Pusher;
pub(crate) use target::Target;

/// A [Prometheus Pushgateway](https://github.com/prometheus/pushgateway) and the group of metrics
/// there that is this program's, for
/// [`ExporterBuilder::push_gateway`](crate::ExporterBuilder::push_gateway).
///
/// A group is told by its job and its [`grouping`](Self::grouping) labels. Each push replaces all
/// of it (`PUT`), so two programs that run at the same time need groups of their own.
///
/// ```no_run
/// use std::time::Duration;
/// use mcp_metrics::{Exporter, PushGateway, Secret};
///
/// let exporter = Exporter::builder()
///     .push_gateway(
///         PushGateway::new("http://127.0.0.1:9091", "nightly_import")
///             .grouping("tenant", "north/east")
///             .basic_auth("importer", Secret::env("GATEWAY_PASSWORD"))
///             .interval(Duration::from_secs(30)),
///     )
///     .install()?;
/// // … the job …
/// exporter.shutdown(); // the last push
/// # Ok::<(), mcp_metrics::InstallError>(())
/// ```
///
/// # Labels on the gateway
///
/// The gateway puts the job and the grouping labels on every series, in place of labels of these
/// names that a series has itself, and `instance=""` on series that have no `instance` from either
/// side. Where that makes one series of two, it refuses the whole push. Prometheus is to scrape the
/// gateway with `honor_labels: true`, or it renames them all.
///
/// The gateway exports metrics of its own process under the same names as this one,
/// `process_cpu_seconds_total` and its siblings; it keeps both apart by their labels, but shows
/// its own `# HELP` texts and logs the difference.
/// [`without_process_metrics`](crate::ExporterBuilder::without_process_metrics) leaves ours out.
#[derive(Clone)]
#[must_use = "nothing is pushed before `ExporterBuilder::push_gateway` is told"]
pub struct PushGateway {
    url: String,
    job: String,
    grouping: Vec<(String, String)>,
    interval: Duration,
    basic_auth: Option<(String, Secret)>,
    #[cfg(feature = "tls")]
    ca_file: Option<PathBuf>,
}

impl PushGateway {
    /// The gateway at `url`, `http://127.0.0.1:9091` for instance, and the value of the label `job`.
    ///
    /// The URL may have a path, where the gateway is behind a prefix. `https` needs the feature
    /// `tls`. Proxies that the environment names are not used, and redirects are not followed.
    pub fn new(url: impl Into<String>, job: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            job: job.into(),
            grouping: Vec::new(),
            interval: Duration::from_secs(15),
            basic_auth: None,
            #[cfg(feature = "tls")]
            ca_file: None,
        }
    }

    /// One more label that tells this program's group from others of the job, `instance` for
    /// example. The value may be anything, also empty. Default: none.
    pub fn grouping(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.grouping.push((label.into(), value.into()));
        self
    }

    /// How often to push; the first time after one interval. With an interval longer than the job,
    /// there is only the last push, by [`Exporter::shutdown`](crate::Exporter::shutdown).
    ///
    /// Default: every 15 seconds. The shortest is 100 milliseconds.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The user name and the password that the gateway, or a proxy before it, asks for. Neither
    /// is ever logged.
    ///
    /// Over `http` they go through the network as they are. Default: none.
    pub fn basic_auth(mut self, user: impl Into<String>, password: Secret) -> Self {
        self.basic_auth = Some((user.into(), password));
        self
    }

    /// A PEM file with the certificates of the authorities that may vouch for the gateway, in place
    /// of the public ones that Mozilla trusts. It is read once, by `install` or `build`.
    #[cfg(feature = "tls")]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }
}

impl fmt::Debug for PushGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not checked yet: it may hold what belongs into `basic_auth`.
        let url = if self.url.contains(['@', '?', '#']) {
            "…"
        } else {
            &self.url
        };
        f.debug_struct("PushGateway")
            .field("url", &url)
            .field("job", &self.job)
            .field("grouping", &self.grouping)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_has_no_secrets() {
        let gateway = PushGateway::new("http://gateway:9091", "job")
            .basic_auth("secret", Secret::new("secret"));
        let text = format!("{gateway:?}");
        assert!(
            text.contains("gateway:9091") && !text.contains("secret"),
            "{text}"
        );
        for url in [
            "http://secret:secret@gateway",
            "secret@x",
            "http://x/?t=secret",
        ] {
            let text = format!("{:?}", PushGateway::new(url, "job"));
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
