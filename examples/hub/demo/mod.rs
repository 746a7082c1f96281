//! `--demo-traffic`: a client that keeps the hub busy, so that a newcomer sees every metric move.
//! It speaks MCP over HTTP like any other client; all that it does besides is to let the local
//! language model fail during short pretended outages.

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

/// How often the demo says what it did.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);
/// How long to wait after the connection broke.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);

/// Starts the demo; it ends with the token.
pub(crate) fn spawn(
    hub: SocketAddr,
    agents: &Arc<Agents>,
    stop: CancellationToken,
) -> JoinHandle<()> {
    if agents.llm.faults().is_none() {
        warn!(
            "demo traffic: makes real calls to the configured language model, for as long as it runs"
        );
    }
    info!("demo traffic: on");
    let hub = local::reachable(hub);
    let agents = Arc::clone(agents);
    tokio::spawn(async move {
        let (outcomes, seen) = mpsc::channel(64);
        // Two users with different habits, so that calls overlap.
        let steady = play_for_ever(hub, scenes::steady, &agents, outcomes.clone(), &stop);
        let troubled = play_for_ever(hub, scenes::troubled, &agents, outcomes, &stop);
        tokio::join!(steady, troubled, report(seen));
    })
}

/// Plays one user's scenes again and again, over a session of its own, until the token fires.
async fn play_for_ever<F>(
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
                    failure = play(&stage, &scenes) => warn!("demo traffic: {failure}"),
                }
                client.close().await;
            }
            Err(failure) => warn!("demo traffic: no connection to the hub: {failure}"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(RECONNECT_DELAY) => {}
        }
    }
}

/// Plays round after round, until the connection breaks.
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

/// Sums the outcomes up, now and then, until nobody reports any more.
async fn report(mut seen: mpsc::Receiver<Outcome>) {
    let mut interval = tokio::time::interval(REPORT_INTERVAL);
    interval.tick().await;
    let (mut good, mut bad, mut cancelled) = (0_u64, 0_u64, 0_u64);
    loop {
        tokio::select! {
            outcome = seen.recv() => match outcome {
                Some(Outcome::Success) => good += 1,
                Some(Outcome::Failure) => bad += 1,
                Some(Outcome::Cancelled) => cancelled += 1,
                None => return,
            },
            _ = interval.tick() => info!(
                "demo traffic so far: {good} calls went well, {bad} failed and {cancelled} were \
                 cancelled (on purpose)"
            ),
        }
    }
}
