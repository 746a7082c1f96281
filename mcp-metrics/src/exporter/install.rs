//! Building and installing an exporter.

use std::thread;

use metrics::Label;

use super::builder::ExporterBuilder;
#[cfg(feature = "http")]
use super::errors::MIN_HTTP_TIMEOUT;
use super::errors::{InstallError, MIN_INTERVAL};
use super::{Background, BackgroundConfig, Exporter};
use crate::catalog::{self, Namespace};
#[cfg(feature = "tls")]
use crate::http::Tls;
#[cfg(feature = "http")]
use crate::http::{BindError, BoundListener, Endpoint, Limits, ListenAddress, MetricsPaths};
use crate::instrument::{clock, current_recorder};
use crate::metrics_source::MetricsSource;
#[cfg(feature = "push")]
use crate::push::Target;
use crate::recorder::{MetricsRecorder, Settings};
#[cfg(feature = "process")]
use crate::system::ProcessMetrics;

impl ExporterBuilder {
    /// Builds the exporter, installs its recorder as the global one, and starts the exporter's
    /// threads. Works with and without a tokio runtime.
    ///
    /// # Errors
    ///
    /// If the configuration is invalid, the endpoint cannot listen on its address, a thread cannot
    /// be started, or the process already has a global recorder. The process is left unchanged.
    pub fn install(self) -> Result<Exporter, InstallError> {
        let (exporter, background) = self.start()?;
        let recorder = exporter.recorder();
        if metrics::set_global_recorder(recorder.clone()).is_err() {
            background.abort();
            return Err(InstallError::AlreadyInstalled);
        }
        exporter.set_background(background);
        // The installed recorder is never freed, and its threads run until a shutdown, also if the
        // program drops all handles.
        std::mem::forget(exporter.clone());
        clock::calibrate();
        // A new thread has no local recorder, so it sees the global one.
        match thread::Builder::new()
            .name("mcp-metrics-install".into())
            .spawn(current_recorder)
        {
            Ok(thread) => {
                if let Ok(address) = thread.join() {
                    recorder.open_fast_path(address);
                }
            }
            // The facade records the same values, but is slower.
            Err(error) => tracing::warn!(%error, "fast path unavailable; using the facade"),
        }
        Ok(exporter)
    }

    /// Builds the recorder and the exporter without installing the recorder as the global one, so
    /// that it can be combined with other recorders. The exporter's threads are started.
    ///
    /// ```
    /// use mcp_metrics::{Exporter, track_request};
    ///
    /// let (recorder, exporter) = Exporter::builder().build()?;
    /// metrics::with_local_recorder(&recorder, || {
    ///     track_request("web_search", "search").run(|| ());
    /// });
    /// assert_eq!(exporter.summary().requests[0].total, 1);
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the configuration is invalid, the endpoint cannot listen on its address, or a thread
    /// cannot be started.
    pub fn build(self) -> Result<(MetricsRecorder, Exporter), InstallError> {
        let (exporter, background) = self.start()?;
        exporter.set_background(background);
        Ok((exporter.recorder().clone(), exporter))
    }

    /// Builds the exporter and starts its threads.
    fn start(mut self) -> Result<(Exporter, Background), InstallError> {
        let settings = self.settings()?;
        #[cfg(feature = "auth")]
        let access = crate::http::auth::AuthPolicy::new(self.rules.clone())?;
        #[cfg(feature = "push")]
        let push_target = self.push_target()?;
        #[cfg(feature = "http")]
        let metrics_paths = MetricsPaths::new(std::mem::take(&mut self.metrics_paths))
            .map_err(InstallError::MetricsPath)?;
        #[cfg(feature = "http")]
        let listener = self.bind()?;

        let recorder = MetricsRecorder::new(settings);
        self.add_process_metrics(&recorder);
        let hooks = std::mem::take(&mut self.hooks);
        #[cfg(feature = "http")]
        if let Some(listener) = &listener {
            self.warn_if_unauthenticated(listener);
        }
        let (name, version) = self.app;
        let labels = vec![Label::new("version", version), Label::new("name", name)];
        recorder.set_labelled_gauge(catalog::APP_INFO, labels, 1.0);
        let source = MetricsSource::new(recorder, hooks);
        #[cfg(feature = "http")]
        let endpoint = Endpoint::new(
            source.clone(),
            #[cfg(feature = "auth")]
            access,
            metrics_paths,
            self.status_page,
        );
        let config = BackgroundConfig {
            system_interval: self.system_interval,
            disk_path: self.disk_path,
            #[cfg(feature = "http")]
            listener: listener.map(|listener| (listener, endpoint.router())),
            #[cfg(feature = "push")]
            push_target,
        };
        let background = Background::start(&source, config).map_err(InstallError::Thread)?;
        let exporter = Exporter::new(
            source,
            #[cfg(feature = "http")]
            endpoint,
        );
        Ok((exporter, background))
    }

    fn settings(&self) -> Result<Settings, InstallError> {
        let namespace =
            Namespace::new(&self.namespace).map_err(|hint| InstallError::Namespace {
                namespace: self.namespace.clone(),
                hint,
            })?;
        let buckets = self.bucket_rules(&namespace)?;
        if let Some(interval) = self
            .system_interval
            .filter(|interval| *interval < MIN_INTERVAL)
        {
            return Err(InstallError::Interval(interval));
        }
        if self.label_limit == 0 {
            return Err(InstallError::LabelLimit);
        }
        Ok(Settings {
            namespace,
            buckets,
            global_labels: self.global_labels.clone(),
            idle_timeout: self.idle_timeout,
            label_limit: self.label_limit,
        })
    }

    #[cfg(feature = "push")]
    fn push_target(&self) -> Result<Option<Target>, InstallError> {
        let target = self.push_gateway.as_ref().map(Target::new).transpose();
        target.map_err(InstallError::PushGateway)
    }

    #[cfg(feature = "http")]
    fn bind(&self) -> Result<Option<BoundListener>, InstallError> {
        let Limits {
            connections,
            timeout,
            ..
        } = self.limits;
        if connections == 0 || timeout < MIN_HTTP_TIMEOUT {
            return Err(InstallError::Limits {
                connections,
                timeout,
            });
        }
        #[cfg(feature = "tls")]
        let acceptor = self
            .tls
            .clone()
            .map(crate::http::Acceptor::new)
            .transpose()?;
        if self.listen.is_empty() {
            return Ok(None);
        }
        let bound = BoundListener::new(&self.listen, self.limits).map_err(|error| {
            let BindError { address, source } = error;
            match address {
                ListenAddress::Tcp { address, .. } => InstallError::Listen { address, source },
                #[cfg(unix)]
                ListenAddress::Unix(path) => InstallError::ListenUnix { path, source },
            }
        })?;
        #[cfg(feature = "tls")]
        let bound = bound.with_tls(acceptor);
        Ok(Some(bound))
    }

    #[cfg(feature = "http")]
    #[cfg_attr(
        not(any(feature = "auth", feature = "tls")),
        expect(clippy::unused_self, reason = "the features are off")
    )]
    fn warn_if_unauthenticated(&self, listener: &BoundListener) {
        #[cfg(feature = "auth")]
        if !self.rules.is_empty() {
            return;
        }
        #[cfg(feature = "tls")]
        if self.tls.as_ref().is_some_and(Tls::asks_for_certificates) {
            return;
        }
        for address in listener.local_addrs() {
            if !address.ip().to_canonical().is_loopback() {
                tracing::warn!(%address, "metrics endpoint requires no authentication");
            }
        }
    }

    #[cfg(feature = "process")]
    fn add_process_metrics(&mut self, recorder: &MetricsRecorder) {
        if self.process_metrics {
            let process = ProcessMetrics::new(recorder.clone());
            self.hooks.insert(0, Box::new(move || process.collect()));
        }
    }

    #[cfg(not(feature = "process"))]
    #[expect(
        clippy::unused_self,
        clippy::needless_pass_by_ref_mut,
        reason = "the feature is off"
    )]
    fn add_process_metrics(&mut self, _: &MetricsRecorder) {}
}
