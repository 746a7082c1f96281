//! Access to the hub for clients on the same machine.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::server::tls;

/// Returns the address at which a server that listens on `address` can be reached locally.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// Returns a client for plain HTTP to this machine, without a proxy and without loading the
/// system's certificates.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    tls::use_ring();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
}
