//! The sockets of a listener, and the connections that they accept.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

#[cfg(unix)]
use super::unix_socket::SocketFile;

/// A listening socket.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix {
        listener: UnixListener,
        /// Removed when the socket is dropped.
        _file: SocketFile,
    },
}

/// An accepted connection.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream, SocketAddr),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Socket {
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        match self {
            Self::Tcp(listener) => listener
                .poll_accept(cx)
                .map_ok(|(stream, peer)| Stream::Tcp(stream, peer)),
            #[cfg(unix)]
            Self::Unix { listener, .. } => listener
                .poll_accept(cx)
                .map_ok(|(stream, _)| Stream::Unix(stream)),
        }
    }
}

/// Accepts a connection from one of the sockets. `first` is polled first, and is advanced so that
/// a busy or failing socket does not keep the others from being polled.
pub(super) async fn accept(sockets: &[Socket], first: &mut usize) -> io::Result<Stream> {
    poll_fn(|cx| {
        for n in 0..sockets.len() {
            let index = (*first + n) % sockets.len();
            if let Poll::Ready(accepted) = sockets[index].poll_accept(cx) {
                *first = index + 1;
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    })
    .await
}

/// The client of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Peer {
    Tcp(SocketAddr),
    /// A process on the same machine, which may open the socket's file.
    #[cfg(unix)]
    Unix,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix => f.write_str("unix"),
        }
    }
}
