//! `--demo-traffic`: a client that generates traffic, so that every metric has data. It calls the
//! hub with MCP over HTTP, as other clients do. In addition, it makes the local language model fail
//! during short simulated outages.

mod client;
mod rounds;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Failure, agents::Agents, local};

use self::{
    client::{Client, Outcome},
    rounds::Session,
};

/// Interval between two log lines with the number of calls.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);
/// Delay before reconnecting.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);

/// Starts the demo, which runs until the token is cancelled.
pub(crate) fn spawn(
    hub: SocketAddr,
    agents: &Arc<Agents>,
    stop: CancellationToken,
) -> JoinHandle<()> {
    if agents.llm.faults().is_none() {
        warn!("demo traffic calls the configured language model continuously");
    }
    info!("demo traffic started");
    let hub = local::reachable(hub);
    let agents = Arc::clone(agents);
    tokio::spawn(async move {
        let (outcomes, seen) = mpsc::channel(64);
        // Two concurrent sessions, so that calls overlap.
        let succeeding = run_session(hub, rounds::succeed, &agents, outcomes.clone(), &stop);
        let failing = run_session(hub, rounds::fail, &agents, outcomes, &stop);
        tokio::join!(succeeding, failing, report(seen));
    })
}

/// Repeats the calls of `round` in a session, and reconnects after errors, until the token is
/// cancelled.
async fn run_session<F>(
    hub: SocketAddr,
    round: F,
    agents: &Agents,
    outcomes: mpsc::Sender<Outcome>,
    stop: &CancellationToken,
) where
    F: AsyncFn(&Session<'_>, usize) -> Result<(), Failure>,
{
    while !stop.is_cancelled() {
        match Client::connect(hub, outcomes.clone()).await {
            Ok(client) => {
                let session = Session {
                    client: &client,
                    faults: agents.llm.faults(),
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    error = repeat(&session, &round) => warn!(%error, "demo session failed"),
                }
                client.close().await;
            }
            Err(error) => warn!(%error, "demo client failed to connect"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(RECONNECT_DELAY) => {}
        }
    }
}

/// Repeats `round` with increasing numbers until the connection fails, and returns the error.
async fn repeat<F>(session: &Session<'_>, round: &F) -> Failure
where
    F: AsyncFn(&Session<'_>, usize) -> Result<(), Failure>,
{
    let mut number = 0;
    loop {
        match round(session, number).await {
            Ok(()) => number += 1,
            Err(failure) => return failure,
        }
    }
}

/// Counts the outcomes and logs the totals at intervals, until the channel is closed.
async fn report(mut seen: mpsc::Receiver<Outcome>) {
    let mut interval = tokio::time::interval(REPORT_INTERVAL);
    interval.tick().await;
    let (mut succeeded, mut failed, mut cancelled) = (0_u64, 0_u64, 0_u64);
    loop {
        tokio::select! {
            outcome = seen.recv() => match outcome {
                Some(Outcome::Success) => succeeded += 1,
                Some(Outcome::Failure) => failed += 1,
                Some(Outcome::Cancelled) => cancelled += 1,
                None => return,
            },
            _ = interval.tick() => {
                info!(succeeded, failed, cancelled, "demo calls (some fail on purpose)");
            }
        }
    }
}
