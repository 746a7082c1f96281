//! The end of an exporter: its report, and a guard.

use std::time::SystemTime;

use super::Exporter;
use crate::catalog;
#[cfg(feature = "push")]
use crate::push::PushError;

/// What [`Exporter::shutdown`] has done.
///
/// ```
/// use mcp_metrics::Exporter;
///
/// let exporter = Exporter::builder().install()?;
/// let report = exporter.shutdown();
/// # #[cfg(feature = "push")]
/// assert!(report.last_push().is_none()); // no Pushgateway
/// # Ok::<(), mcp_metrics::InstallError>(())
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ShutdownReport {
    #[cfg(feature = "push")]
    pub(super) last_push: Option<Result<(), PushError>>,
}

impl ShutdownReport {
    /// Returns the result of the last push to the Pushgateway, or of the deletion of the group.
    /// Returns `None` without a Pushgateway, and if another call has shut down the exporter.
    #[cfg(feature = "push")]
    #[must_use]
    pub fn last_push(&self) -> Option<Result<(), &PushError>> {
        let last_push = self.last_push.as_ref()?;
        Some(last_push.as_ref().copied())
    }

    /// Converts the report into the result of the last push, for `?`. Without a push, this is `Ok`.
    ///
    /// # Errors
    ///
    /// If the last push, or the deletion of the group, failed. This was also logged.
    #[cfg(feature = "push")]
    pub fn into_result(self) -> Result<(), PushError> {
        self.last_push.unwrap_or(Ok(()))
    }
}

/// Shuts down an exporter when it is dropped. Created by [`Exporter::shutdown_on_drop`].
#[derive(Debug)]
#[must_use = "dropping it shuts down the exporter; bind it to a variable such as `_shutdown`"]
pub struct ShutdownGuard {
    exporter: Exporter,
}

impl Drop for ShutdownGuard {
    fn drop(&mut self) {
        self.exporter.shutdown();
    }
}

impl Exporter {
    /// Returns a guard that calls [`shutdown`](Self::shutdown) when it is dropped: at the end of
    /// `main`, after an early `?` or `return`, and while a panic unwinds. Without it, such an exit
    /// skips the last push to a Pushgateway.
    ///
    /// `std::process::exit`, `abort` and a panic with `panic = "abort"` drop no guard: call
    /// `shutdown` before them. If `shutdown` was called, the guard does nothing.
    ///
    /// ```
    /// use mcp_metrics::Exporter;
    ///
    /// fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let exporter = Exporter::builder().install()?;
    ///     let _shutdown = exporter.shutdown_on_drop();
    ///     let lines = "42".parse::<u32>()?; // an error shuts down, too
    ///     # let _ = lines;
    ///     exporter.record_success();
    ///     Ok(())
    /// }
    /// ```
    pub fn shutdown_on_drop(&self) -> ShutdownGuard {
        ShutdownGuard {
            exporter: self.clone(),
        }
    }

    /// Records that the program has done its work: sets `mcp_metrics_last_success_timestamp_seconds`
    /// to the current time. A job that does not succeed does not call it, so that an alert can
    /// compare the gauge with the time.
    ///
    /// With a Pushgateway, the gauge is pushed to a group of its own, which has the additional label
    /// `push_group="last_success"`. There it outlives the pushes of later runs that fail.
    pub fn record_success(&self) {
        // An error means that the clock is before 1970.
        if let Ok(now) = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            let recorder = self.recorder();
            recorder.set_gauge(catalog::LAST_SUCCESS, now.as_secs_f64());
        }
    }
}
