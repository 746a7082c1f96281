//! Detects clients that close their connection during a request.

use std::io;
use std::task::{Context, Poll};

use tokio::io::ReadBuf;
use tokio::net::TcpStream;

/// A stream that can be checked for a client that has left, without reading from it.
///
/// A client that has closed its sending direction may wait for the response (RFC 9112, section 9.6)
/// or may have left: only a write tells them apart.
pub(super) trait PeerState {
    /// Waits until the client may have left.
    fn poll_leaving(&self, cx: &mut Context<'_>) -> Poll<()>;
}

impl PeerState for TcpStream {
    fn poll_leaving(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut byte = [0; 1];
        match self.poll_peek(cx, &mut ReadBuf::new(&mut byte)) {
            Poll::Ready(peeked) => has_ended(&peeked),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(unix)]
impl PeerState for tokio::net::UnixStream {
    fn poll_leaving(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut byte = [std::mem::MaybeUninit::uninit()];
        loop {
            if self.poll_read_ready(cx).is_pending() {
                return Poll::Pending;
            }
            let socket = socket2::SockRef::from(self);
            let peek = || socket.peek(&mut byte);
            match self.try_io(tokio::io::Interest::READABLE, peek) {
                // No longer ready: waits again.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                peeked => return has_ended(&peeked),
            }
        }
    }
}

/// Data is at most a pipelined request.
fn has_ended(peeked: &io::Result<usize>) -> Poll<()> {
    match peeked {
        Ok(0) | Err(_) => Poll::Ready(()),
        Ok(_) => Poll::Pending,
    }
}

#[cfg(feature = "tls")]
impl PeerState for tokio_rustls::server::TlsStream<TcpStream> {
    fn poll_leaving(&self, cx: &mut Context<'_>) -> Poll<()> {
        // A client that closes the connection first sends an alert, which is encrypted.
        self.get_ref().0.poll_read_ready(cx).map(drop)
    }
}
