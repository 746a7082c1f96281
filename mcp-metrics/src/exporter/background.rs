//! The exporter's threads: sampler, listener and pusher.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

#[cfg(feature = "http")]
use axum::Router;

use super::ShutdownReport;
#[cfg(feature = "http")]
use crate::http::{BoundListener, Listener};
use crate::metrics_source::MetricsSource;
#[cfg(feature = "push")]
use crate::push::{Pusher, Target};
use crate::system::Sampler;

/// The threads to start; `None` starts no thread.
#[derive(Debug)]
pub(crate) struct BackgroundConfig {
    pub(crate) system_interval: Option<Duration>,
    pub(crate) disk_path: PathBuf,
    #[cfg(feature = "http")]
    pub(crate) listener: Option<(BoundListener, Router)>,
    #[cfg(feature = "push")]
    pub(crate) push_target: Option<Target>,
}

/// The running threads of an exporter.
///
/// Dropping it stops the sampler and the pusher, without a last push, but not the listener.
#[derive(Debug, Default)]
#[must_use = "the threads run until `shutdown` or `abort`"]
pub(crate) struct Background {
    sampler: Option<Sampler>,
    #[cfg(feature = "http")]
    listener: Option<Listener>,
    #[cfg(feature = "push")]
    pusher: Option<Pusher>,
}

impl Background {
    /// Starts the threads that `config` selects. If one fails to start, aborts the others.
    pub(crate) fn start(source: &MetricsSource, config: BackgroundConfig) -> io::Result<Self> {
        let mut background = Self::default();
        match background.start_threads(source, config) {
            Ok(()) => Ok(background),
            Err(error) => {
                background.abort();
                Err(error)
            }
        }
    }

    fn start_threads(
        &mut self,
        source: &MetricsSource,
        config: BackgroundConfig,
    ) -> io::Result<()> {
        if let Some(interval) = config.system_interval {
            let recorder = source.recorder().clone();
            self.sampler = Some(Sampler::start(recorder, interval, config.disk_path)?);
        }
        #[cfg(feature = "http")]
        if let Some((listener, routes)) = config.listener {
            self.listener = Some(listener.serve(routes)?);
        }
        // Last: if another thread fails to start, nothing may have been pushed.
        #[cfg(feature = "push")]
        if let Some(target) = config.push_target {
            self.pusher = Some(Pusher::start(source.clone(), target)?);
        }
        Ok(())
    }

    /// Returns the addresses that the listener is bound to.
    #[cfg(feature = "http")]
    pub(super) fn local_addrs(&self) -> Vec<SocketAddr> {
        self.listener
            .as_ref()
            .map_or_else(Vec::new, |listener| listener.local_addrs().to_vec())
    }

    #[cfg(not(feature = "http"))]
    #[expect(clippy::unused_self, reason = "the feature is off")]
    pub(super) fn local_addrs(&self) -> Vec<SocketAddr> {
        Vec::new()
    }

    /// Stops the sampler and the listener and waits for both, then pushes a last time.
    pub(super) fn shutdown(self) -> ShutdownReport {
        if let Some(sampler) = self.sampler {
            sampler.shutdown();
        }
        #[cfg(feature = "http")]
        if let Some(listener) = self.listener {
            listener.shutdown();
        }
        ShutdownReport {
            #[cfg(feature = "push")]
            last_push: self.pusher.map(Pusher::shutdown),
        }
    }

    /// Stops the threads of an exporter that could not be installed, without a last push.
    #[cfg_attr(
        not(feature = "push"),
        expect(unused_mut, reason = "the feature is off")
    )]
    pub(crate) fn abort(mut self) {
        // First: while `shutdown` waits for the other threads, the push interval may elapse.
        #[cfg(feature = "push")]
        if let Some(pusher) = self.pusher.take() {
            pusher.abort();
        }
        self.shutdown();
    }
}
