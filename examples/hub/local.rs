//! How a client on this machine reaches the hub.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::server::tls;

/// Where a server that listens on this address is found.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// A client for plain HTTP to this machine: no proxy, and no certificates of the system's to load.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    tls::use_ring();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
}
