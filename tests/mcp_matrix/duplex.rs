//! The server in this process, over a duplex stream.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mcp_metrics::mcp::Metered;
use rmcp::{ServerHandler, ServiceExt as _};
use tokio::io::DuplexStream;

use crate::situation::Mode;
use crate::tools::Hub;

/// Serves the handler of the server under test. Returns the client's end of the stream.
pub(crate) fn serve(mode: Mode) -> DuplexStream {
    let (server, client) = tokio::io::duplex(64 * 1024);
    match mode {
        Mode::Bare => spawn(Hub::new(), server),
        Mode::Metered => spawn(Metered::new(Hub::new()), server),
        Mode::Supervised => spawn(Metered::new(Hub::new()).supervised(), server),
    }
    client
}

fn spawn(handler: impl ServerHandler, stream: DuplexStream) {
    tokio::spawn(async {
        let service = handler.serve(stream).await.expect("the client connects");
        service.waiting().await.expect("the session ends");
    });
}

/// Waits for the other drives in this process, which has one recorder.
pub(crate) fn exclusive() -> MutexGuard<'static, ()> {
    static DRIVES: Mutex<()> = Mutex::new(());
    DRIVES.lock().unwrap_or_else(PoisonError::into_inner)
}
