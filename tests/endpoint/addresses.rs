//! Several addresses: IPv4, IPv6, Unix sockets, and ports that are in use.

use std::error::Error as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};

use mcp_metrics::{Exporter, InstallError};
use mcp_metrics_tests::{http, log};

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Returns a port that is free on all loopback addresses.
fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind((Ipv6Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            return port;
        }
    }
}

fn assert_served(address: SocketAddr) {
    let response = http::get(address, "/metrics");
    assert_eq!(response.status, 200, "{address}");
    assert!(response.body.contains("mcp_hub_app_info{"));
}

#[test]
fn each_listen_adds_an_address() {
    let port = free_port();
    let (_, exporter) = Exporter::builder()
        .listen((Ipv4Addr::LOCALHOST, port))
        .listen((Ipv6Addr::LOCALHOST, port))
        .listen(ANY_PORT)
        .build()
        .unwrap();
    let addresses = exporter.local_addrs();
    assert_eq!(addresses.len(), 3);
    assert_eq!(exporter.local_addr(), Some(addresses[0]));
    assert_eq!(addresses[0], SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    assert_eq!(addresses[1], SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    for address in &addresses {
        assert_served(*address);
    }
    exporter.shutdown();
    assert!(exporter.local_addrs().is_empty());
    for address in addresses {
        assert!(TcpStream::connect(address).is_err(), "{address}");
    }
}

#[test]
fn unspecified_addresses_of_both_families_share_a_port() {
    let port = free_port();
    let served = |builder: mcp_metrics::ExporterBuilder| {
        let (_, exporter) = builder.build().unwrap();
        assert_served(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        assert_served(SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
        exporter.shutdown();
    };
    let v4 = (Ipv4Addr::UNSPECIFIED, port);
    let v6 = (Ipv6Addr::UNSPECIFIED, port);
    served(Exporter::builder().listen(v4).listen(v6));
    served(Exporter::builder().listen(v6).listen(v4));
    // Alone, the IPv6 address accepts both.
    served(Exporter::builder().listen(v6));
}

#[test]
fn address_in_use_is_an_install_error_and_frees_the_others() {
    let occupied = TcpListener::bind(ANY_PORT).unwrap();
    let held = occupied.local_addr().unwrap();
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let error = Exporter::builder()
        .listen(free)
        .listen(held)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains(&held.to_string()), "{error}");
    let InstallError::Listen { address, source } = &error else {
        panic!("{error}");
    };
    assert_eq!((*address, source.kind()), (held, io::ErrorKind::AddrInUse));
    TcpListener::bind(free).unwrap();
    // The same address twice.
    let error = Exporter::builder().listen(free).listen(free).build();
    assert!(error.unwrap_err().source().is_some());
}

#[test]
fn port_in_use_falls_back_to_a_free_one_and_is_logged() {
    log::capture();
    let occupied = TcpListener::bind(ANY_PORT).unwrap();
    let held = occupied.local_addr().unwrap();
    let build = || {
        let builder = Exporter::builder().listen_or_free_port(held);
        builder.build().unwrap().1
    };
    let exporters = [build(), build()];
    for exporter in &exporters {
        let address = exporter.local_addr().unwrap();
        assert_ne!(address.port(), held.port());
        assert_eq!(address.ip(), held.ip());
        assert_served(address);
        let warnings = log::lines(&format!("address={address}"));
        let warning = warnings.iter().find(|line| line.starts_with("WARN"));
        let warning = warning.unwrap_or_else(|| panic!("{warnings:?}"));
        assert!(warning.contains(&format!("requested={held}")), "{warning}");
    }
    for exporter in exporters {
        exporter.shutdown();
    }
}

#[test]
fn free_port_is_used_without_a_fallback() {
    let address = SocketAddr::from((Ipv6Addr::LOCALHOST, free_port()));
    let (_, exporter) = Exporter::builder()
        .listen_or_free_port(address)
        .build()
        .unwrap();
    assert_eq!(exporter.local_addr(), Some(address));
    exporter.shutdown();
}

#[test]
fn fallback_does_not_hide_other_errors() {
    // TEST-NET-1, which no machine has.
    let foreign = (Ipv4Addr::new(192, 0, 2, 1), 7860);
    let error = Exporter::builder().listen_or_free_port(foreign).build();
    let Err(InstallError::Listen { source, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(source.kind(), io::ErrorKind::AddrNotAvailable);
}

#[test]
fn limits_apply_to_all_addresses_together() {
    let (_, exporter) = Exporter::builder()
        .listen(ANY_PORT)
        .listen((Ipv6Addr::LOCALHOST, 0))
        .max_connections(2)
        .build()
        .unwrap();
    let addresses = exporter.local_addrs();
    let mut silent: Vec<_> = (0..6).map(|n| http::connect(addresses[n % 2])).collect();
    assert_served(addresses[0]);
    assert_served(addresses[1]);
    assert!(crate::connections::is_closed(&mut silent[0]));
    exporter.shutdown();
}
