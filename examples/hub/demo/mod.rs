//! `--demo-traffic`: a client that generates traffic, so that every metric has data. It calls the
//! hub with MCP over HTTP, as other clients do. In addition, it makes the local language model fail
//! during short simulated outages.

mod client;
mod scenes;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Failure, agents::Agents, local};

use self::{
    client::{Client, Outcome},
    scenes::Stage,
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
        // Two users with different behaviour, so that calls overlap.
        let steady = run_user(hub, scenes::steady, &agents, outcomes.clone(), &stop);
        let troubled = run_user(hub, scenes::troubled, &agents, outcomes, &stop);
        tokio::join!(steady, troubled, report(seen));
    })
}

/// Repeats one user's scenes over a separate session until the token is cancelled.
async fn run_user<F>(
    hub: SocketAddr,
    scenes: F,
    agents: &Agents,
    outcomes: mpsc::Sender<Outcome>,
    stop: &CancellationToken,
) where
    F: AsyncFn(&Stage<'_>, usize) -> Result<(), Failure>,
{
    while !stop.is_cancelled() {
        match Client::connect(hub, outcomes.clone()).await {
            Ok(client) => {
                let stage = Stage {
                    client: &client,
                    faults: agents.llm.faults(),
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    error = play(&stage, &scenes) => warn!(%error, "demo session failed"),
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

/// Plays rounds until the connection fails, and returns the error.
async fn play<F>(stage: &Stage<'_>, scenes: &F) -> Failure
where
    F: AsyncFn(&Stage<'_>, usize) -> Result<(), Failure>,
{
    let mut round = 0;
    loop {
        match scenes(stage, round).await {
            Ok(()) => round += 1,
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
