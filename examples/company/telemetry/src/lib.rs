//! The telemetry of Acme's services: their metrics and their log, with the company's defaults.
//!
//! Services depend on this crate instead of `mcp-metrics`, and declare it once, in the root of the
//! service's crate. The attributes and derives then find it:
//!
//! ```no_run
//! extern crate acme_telemetry as mcp_metrics;
//!
//! use acme_telemetry::{ErrorType, tracked};
//!
//! #[derive(Debug, ErrorType)]
//! enum PayError {
//!     Declined,
//! }
//!
//! #[tracked("payments", "pay")]
//! fn pay(cents: u32) -> Result<u32, PayError> {
//!     if cents > 100_000 { Err(PayError::Declined) } else { Ok(cents) }
//! }
//!
//! fn main() -> Result<(), acme_telemetry::InitError> {
//!     let _telemetry = acme_telemetry::init("billing", env!("CARGO_PKG_VERSION"))?;
//!     assert!(pay(250).is_ok());
//!     Ok(())
//! }
//! ```
//!
//! [`init`] reads these variables of the environment. An empty one counts as unset:
//!
//! | variable | meaning |
//! |---|---|
//! | `ACME_METRICS_ADDRESS` | address of the metrics, `127.0.0.1:9464` by default |
//! | `ACME_METRICS_TOKEN_FILE` | file of the bearer token that scrapes need; without it, they need none |
//! | `ACME_REGION`, `ACME_STAGE` | values of the labels `region` and `stage` of all series |
//! | `ACME_PUSH_GATEWAY` | URL of a Pushgateway, for jobs that end before a scrape |
//!
//! Names of metrics begin with `acme_` instead of `mcp_hub_`. Other Acme-wide conventions are
//! functions of this crate, such as [`outgoing`].

// A glob, so that the expansions of the attributes find all that they call. Items of this crate
// shadow those of `mcp-metrics` with the same name.
pub use mcp_metrics::*;

mod settings;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

use std::{env, io};

pub use settings::InvalidVariable;
use settings::Settings;

/// The prefix of the company's metrics.
const NAMESPACE: &str = "acme";

/// An error of [`init`].
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A variable of the environment has an invalid value.
    #[error("invalid environment")]
    Variable(#[from] InvalidVariable),
    /// The exporter cannot be installed.
    #[error("failed to install the metrics exporter")]
    Install(#[from] InstallError),
}

/// The telemetry of a running service. When it is dropped, the exporter stops: a scrape in flight is
/// answered, and the metrics are pushed a last time if `ACME_PUSH_GATEWAY` is set.
#[derive(Debug)]
#[must_use = "the exporter stops when this is dropped"]
pub struct Telemetry {
    exporter: Exporter,
    _shutdown: ShutdownGuard,
}

impl Telemetry {
    /// Returns the exporter, for example to record the success of a job.
    #[must_use]
    pub fn exporter(&self) -> &Exporter {
        &self.exporter
    }
}

/// Starts the log, on standard error, and exports the metrics of a service. Call it first in `main`.
///
/// # Errors
///
/// If a variable has an invalid value, the address is in use, the token cannot be read, or the
/// process already has a recorder.
pub fn init(service: &str, version: &str) -> Result<Telemetry, InitError> {
    // An error means that the service has a subscriber of its own.
    let _ = tracing_subscriber::fmt().with_writer(io::stderr).try_init();
    let settings = Settings::from_variables(env::var_os)?;
    let exporter = settings.exporter(service, version).install()?;
    if let Some(address) = exporter.local_addr() {
        tracing::info!("metrics at http://{address}/metrics");
    }
    Ok(Telemetry {
        _shutdown: exporter.shutdown_on_drop(),
        exporter,
    })
}

/// Awaits a call of another service, as a request of the agent `outgoing`. The operation is
/// `SERVICE.METHOD`, so that one alert covers the calls of all services.
///
/// ```
/// use acme_telemetry::outgoing;
///
/// # async fn get(url: &str) -> Result<String, std::io::Error> { Ok(url.to_owned()) }
/// # let _ = async {
/// let assignee = outgoing("directory.assignee", get("http://directory/network")).await?;
/// # Ok::<_, std::io::Error>(assignee)
/// # };
/// ```
pub async fn outgoing<F: Future<Output: Outcome>>(operation: &'static str, call: F) -> F::Output {
    track_request("outgoing", operation).run_async(call).await
}
