//! `--check-health`: checks a running hub, for container images without an HTTP client.

use std::{net::SocketAddr, time::Duration};

use crate::{Failure, local};

/// Timeout of the health check.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Requests `/health` from the hub that listens on `listening`; fails unless it is healthy.
pub(crate) async fn check(listening: SocketAddr) -> Result<(), Failure> {
    let address = local::reachable(listening);
    let request = local::client()?
        .get(format!("http://{address}/health"))
        .timeout(TIMEOUT);
    request.send().await?.error_for_status()?;
    Ok(())
}
