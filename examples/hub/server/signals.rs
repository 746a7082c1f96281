//! Handling of Ctrl-C and SIGTERM.

use std::io;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Returns a token that is cancelled when the process receives a stop signal.
pub(crate) fn watch() -> CancellationToken {
    let stop = CancellationToken::new();
    let signalled = stop.clone();
    tokio::spawn(async move {
        match signal().await {
            Ok(name) => info!(signal = name, "stopping"),
            Err(error) => warn!(%error, "failed to wait for signals; stopping"),
        }
        signalled.cancel();
    });
    stop
}

/// Waits for a stop signal and returns its name.
#[cfg(unix)]
async fn signal() -> io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.map(|()| "Ctrl-C"),
        _ = terminate.recv() => Ok("SIGTERM"),
    }
}

/// Waits for a stop signal and returns its name.
#[cfg(not(unix))]
async fn signal() -> io::Result<&'static str> {
    tokio::signal::ctrl_c().await.map(|()| "Ctrl-C")
}
