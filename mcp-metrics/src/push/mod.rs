//! Pushes to a Prometheus Pushgateway, for jobs that end before Prometheus can scrape them.

mod client;
mod credentials;
mod errors;
mod invalid;
mod pusher;
mod report;
mod selection;
mod target;
mod url;
mod worker;

use std::fmt;
#[cfg(feature = "tls")]
use std::path::PathBuf;
use std::time::Duration;

use crate::secret::Secret;
pub use errors::PushError;
pub use invalid::InvalidPushGateway;
pub(crate) use pusher::Pusher;
pub(crate) use target::Target;

/// A [Prometheus Pushgateway](https://github.com/prometheus/pushgateway) and the group that this
/// program pushes to, for
/// [`ExporterBuilder::push_gateway`](crate::ExporterBuilder::push_gateway).
///
/// A group is identified by its job and its [`grouping`](Self::grouping) labels. Each push replaces
/// the whole group (`PUT`), so programs that run at the same time need different groups.
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
/// let _shutdown = exporter.shutdown_on_drop(); // the last push, also after an early `?`
/// // … the job …
/// exporter.record_success();
/// # Ok::<(), mcp_metrics::InstallError>(())
/// ```
///
/// Without a `tracing` subscriber, failed pushes are reported on standard error.
///
/// # Labels on the gateway
///
/// The gateway adds the job and the grouping labels to every series, where they replace labels of
/// the same names, and `instance=""` to every series without an `instance`. If two series become
/// equal by this, the gateway rejects the whole push. Configure `honor_labels: true` for the scrape
/// of the gateway; otherwise, Prometheus renames these labels.
///
/// The gateway exports metrics of its own process under the same names as this crate,
/// `process_cpu_seconds_total` and its siblings. Their labels differ, but the gateway shows its own
/// `# HELP` texts and logs the inconsistency.
/// [`without_process_metrics`](crate::ExporterBuilder::without_process_metrics) avoids this.
#[derive(Clone)]
#[must_use = "nothing is pushed until it is passed to `ExporterBuilder::push_gateway`"]
pub struct PushGateway {
    url: String,
    job: String,
    grouping: Vec<(String, String)>,
    interval: Duration,
    all_metrics: bool,
    delete_on_shutdown: bool,
    basic_auth: Option<(String, Secret)>,
    #[cfg(feature = "tls")]
    ca_file: Option<PathBuf>,
}

impl PushGateway {
    /// Returns the group `job` of the gateway at `url`, for example `http://127.0.0.1:9091`.
    ///
    /// The URL may have a path, for a gateway behind a prefix. `https` requires the feature `tls`.
    /// Proxies from the environment are not used, and redirects are not followed.
    pub fn new(url: impl Into<String>, job: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            job: job.into(),
            grouping: Vec::new(),
            interval: Duration::from_secs(15),
            all_metrics: false,
            delete_on_shutdown: false,
            basic_auth: None,
            #[cfg(feature = "tls")]
            ca_file: None,
        }
    }

    /// Adds a label that distinguishes this program's group from other groups of the job, for
    /// example `instance`. The value may be any string, including the empty one. Default: none.
    pub fn grouping(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.grouping.push((label.into(), value.into()));
        self
    }

    /// Sets the push interval. The first push is after one interval. If the job ends earlier, the
    /// only push is the last one, by [`Exporter::shutdown`](crate::Exporter::shutdown).
    ///
    /// Default: 15 seconds. Minimum: 100 milliseconds.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Pushes all metrics, also the gauges that describe the moment of the push. Default: these
    /// gauges are omitted.
    ///
    /// They are the CPU, memory and disk usage, the gauges of what is in flight or open, such as
    /// `mcp_hub_active_operations`, and the gauges of the process except for its start. The gateway
    /// would show the last values until the next run, and alerts such as `HighMemoryUsage` would
    /// fire on them. The program's own gauges are always pushed.
    pub fn all_metrics(mut self) -> Self {
        self.all_metrics = true;
        self
    }

    /// Deletes the group at [`Exporter::shutdown`](crate::Exporter::shutdown), instead of a last
    /// push. Default: the gateway keeps the group.
    ///
    /// This is for programs that push because they cannot be scraped, and whose metrics mean nothing
    /// once they have ended. The group of
    /// [`record_success`](crate::Exporter::record_success) is not deleted.
    pub fn delete_on_shutdown(mut self) -> Self {
        self.delete_on_shutdown = true;
        self
    }

    /// Sets the user name and the password for the gateway or a reverse proxy in front of it.
    /// Neither is ever logged. A password in a [file](Secret::file) is read again before each push, so
    /// that it can be rotated; if that fails, the error is logged and the previous one is used.
    ///
    /// Over `http`, they are sent in clear text. Default: none.
    pub fn basic_auth(mut self, user: impl Into<String>, password: Secret) -> Self {
        self.basic_auth = Some((user.into(), password));
        self
    }

    /// Sets a PEM file with the CA certificates to trust, instead of Mozilla's root certificates.
    /// The file is read once, by `install` or `build`.
    #[cfg(feature = "tls")]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }
}

impl fmt::Debug for PushGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not validated yet: the URL may contain credentials.
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
    fn debug_output_omits_secrets() {
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
