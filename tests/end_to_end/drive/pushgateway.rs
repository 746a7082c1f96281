//! A real Prometheus Pushgateway.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Command, Stdio},
};

use mcp_metrics_tests::{Scrape, http};

use super::{Process, listening_at, tools};

/// A running Pushgateway without persistence.
#[derive(Debug)]
pub(crate) struct Pushgateway {
    /// The process.
    process: Process,
    /// The listen address.
    pub(crate) address: SocketAddr,
}

impl Pushgateway {
    /// Starts a gateway on a free port. Returns `None` if it is missing and may be.
    pub(crate) fn start() -> Option<Self> {
        Self::start_at("127.0.0.1:0", &[])
    }

    /// Starts a gateway on this address with these further arguments.
    pub(crate) fn start_at(address: &str, arguments: &[&str]) -> Option<Self> {
        let mut command = Command::new(tools::pushgateway()?);
        command
            .args(["--web.listen-address", address])
            .args(["--persistence.file", ""])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = Process::start("the Pushgateway", &mut command);
        // The port is bound by then, so that connections wait for a response.
        let address = listening_at(&mut process);
        Some(Self { process, address })
    }

    /// Returns the URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Scrapes the gateway.
    pub(crate) fn scrape(&self) -> Scrape {
        let response = http::get(self.address, "/metrics");
        assert_eq!(response.status, 200);
        Scrape::parse(&response.body)
    }

    /// Scrapes the groups with these labels, without the gateway's own series about them.
    pub(crate) fn group(&self, labels: &[(&str, &str)]) -> Scrape {
        let mut scrape = self.scrape();
        scrape.samples.retain(|(name, found, _)| {
            let has = |(name, value): &(&str, &str)| found.get(*name).is_some_and(|v| v == value);
            labels.iter().all(has)
                && !["push_time_seconds", "push_failure_time_seconds"].contains(&name.as_str())
        });
        scrape
    }

    /// Returns the log so far.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }
}

/// Returns an address with a free port.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address")
}
