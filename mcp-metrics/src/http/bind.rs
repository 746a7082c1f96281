//! The addresses of a listener, and binding them.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};

#[cfg(unix)]
use super::unix_socket::UnixSocket;

/// The length of the accept queue. A burst of connections overflows the standard library's 128,
/// and a client whose connection does not fit retries only a second later.
pub(super) const BACKLOG: i32 = 1_024;

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListenAddress {
    Tcp {
        address: SocketAddr,
        /// Whether to listen on a free port if the port is in use.
        or_free_port: bool,
    },
    #[cfg(unix)]
    Unix(std::path::PathBuf),
}

/// An address that cannot be bound.
#[derive(Debug)]
pub(crate) struct BindError {
    pub(crate) address: ListenAddress,
    pub(crate) source: io::Error,
}

/// A socket that is bound and listens, but does not accept connections yet.
#[derive(Debug)]
pub(super) enum BoundSocket {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Unix(UnixSocket),
}

impl BoundSocket {
    /// Binds all addresses. If one of them fails, closes the others.
    pub(super) fn bind_all(addresses: &[ListenAddress]) -> Result<Vec<Self>, BindError> {
        let bind = |address: &ListenAddress| {
            Self::bind(address, addresses).map_err(|source| BindError {
                address: address.clone(),
                source,
            })
        };
        addresses.iter().map(bind).collect()
    }

    fn bind(address: &ListenAddress, all: &[ListenAddress]) -> io::Result<Self> {
        match address {
            ListenAddress::Tcp {
                address,
                or_free_port,
            } => {
                let only_v6 = shares_port_with_ipv4(*address, all);
                let listener = match listen(*address, only_v6) {
                    Err(error) if *or_free_port && is_port_in_use(&error) => {
                        let listener = listen(SocketAddr::new(address.ip(), 0), only_v6)?;
                        let free = listener.local_addr()?;
                        tracing::warn!(
                            requested = %address,
                            address = %free,
                            "port of the metrics endpoint is in use; listening on a free port"
                        );
                        listener
                    }
                    bound => bound?,
                };
                let bound = listener.local_addr()?;
                Ok(Self::Tcp(listener, bound))
            }
            #[cfg(unix)]
            ListenAddress::Unix(path) => UnixSocket::bind(path).map(Self::Unix),
        }
    }

    /// Returns the bound address, unless it is a Unix socket.
    pub(super) fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(_, address) => Some(*address),
            #[cfg(unix)]
            Self::Unix(_) => None,
        }
    }
}

/// Listens on an address.
fn listen(address: SocketAddr, only_v6: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Like the standard library: a port can be bound again immediately. On Windows, the option
    // would allow binding a port that another process is using.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    if only_v6 {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Returns whether `address` is an IPv6 address whose port one of the IPv4 addresses has. By
/// default, `[::]` also accepts IPv4, and the second of the two could not be bound.
fn shares_port_with_ipv4(address: SocketAddr, all: &[ListenAddress]) -> bool {
    let is_same_port = |other: &ListenAddress| match other {
        ListenAddress::Tcp { address: other, .. } => {
            other.is_ipv4() && other.port() == address.port()
        }
        #[cfg(unix)]
        ListenAddress::Unix(_) => false,
    };
    address.is_ipv6() && address.port() != 0 && all.iter().any(is_same_port)
}

fn is_port_in_use(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrInUse
}
