//! `--check-health`: asks a running hub, for containers whose image has nothing else that could.

use std::{net::SocketAddr, time::Duration};

use crate::{Failure, local};

/// How long a hub may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether the hub that listens on this address says that it is well.
pub(crate) async fn check(listening: SocketAddr) -> Result<(), Failure> {
    let address = local::reachable(listening);
    let question = local::client()?
        .get(format!("http://{address}/health"))
        .timeout(PATIENCE);
    question.send().await?.error_for_status()?;
    Ok(())
}
