//! The HTTP endpoint: routes to mount on an application's own server, and a listener on its own
//! thread, which responds even while the program's runtime is blocked.

mod accept_loop;
#[cfg(feature = "auth")]
pub(crate) mod auth;
mod bind;
mod connection;
mod connection_service;
mod endpoint;
mod eviction;
#[cfg(feature = "auth")]
mod guard;
mod limits;
mod listener;
mod metrics_paths;
mod negotiate;
mod page;
mod peer_state;
#[cfg(any(feature = "auth", feature = "tls"))]
mod reload;
mod request_check;
mod scrape;
mod sockets;
mod timed_stream;
#[cfg(feature = "tls")]
mod tls;
#[cfg(unix)]
mod unix_socket;

#[cfg(feature = "auth")]
pub use auth::AccessError;
pub(crate) use bind::{BindError, ListenAddress};
pub(crate) use endpoint::Endpoint;
pub(crate) use limits::Limits;
pub(crate) use listener::{BoundListener, Listener};
pub(crate) use metrics_paths::MetricsPaths;
#[cfg(feature = "tls")]
pub(crate) use tls::Acceptor;
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};
