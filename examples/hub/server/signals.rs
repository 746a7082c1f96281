//! Ctrl-C and SIGTERM.

use std::io;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// A token that fires when the process is asked to stop.
pub(crate) fn watch() -> CancellationToken {
    let stop = CancellationToken::new();
    let signalled = stop.clone();
    tokio::spawn(async move {
        match signal().await {
            Ok(name) => info!("{name}: stopping"),
            Err(error) => warn!("cannot wait for signals ({error}), stopping"),
        }
        signalled.cancel();
    });
    stop
}

/// Waits for a signal to stop, and names it.
#[cfg(unix)]
async fn signal() -> io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.map(|()| "Ctrl-C"),
        _ = terminate.recv() => Ok("SIGTERM"),
    }
}

/// Waits for a signal to stop, and names it.
#[cfg(not(unix))]
async fn signal() -> io::Result<&'static str> {
    tokio::signal::ctrl_c().await.map(|()| "Ctrl-C")
}
