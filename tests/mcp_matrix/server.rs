//! The server under test, as its metrics and its log show it.

use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use mcp_metrics_tests::{Process, http};

use crate::situation::{Mode, Situation};

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_mcp_server");

/// Where a client finds the server.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// The address of MCP over HTTP.
    Http(SocketAddr),
    /// The arguments of the server over standard input and output, which the client starts.
    Stdio([&'static str; 2]),
    /// A server in this process, wrapped in this way.
    Duplex(Mode),
}

/// A server over HTTP, which serves all sessions of a drive.
#[derive(Debug)]
pub(crate) struct HttpServer {
    process: Process,
    pub(crate) address: SocketAddr,
}

impl HttpServer {
    pub(crate) fn start(situation: Situation) -> Self {
        let mut command = Command::new(PROGRAM);
        command
            // A backtrace takes longer than a panicking call may.
            .env("RUST_BACKTRACE", "0")
            .args([situation.mode.argument(), situation.transport.argument()])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = Process::start("the MCP server", &mut command);
        let address = process.wait_for("the address of MCP", |line| {
            line.strip_prefix("mcp: ")?.parse().ok()
        });
        Self { process, address }
    }

    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// Ends all sessions, as an idle timeout does.
    pub(crate) fn expire_sessions(&self) {
        assert_eq!(http::request(self.address, "POST", "/expire").status, 200);
    }

    /// Ends the calls of the tool `deaf`.
    pub(crate) fn release(&self) {
        assert_eq!(http::request(self.address, "POST", "/release").status, 200);
    }
}

/// Returns the metrics of the last server in a log: those at its exit if it has exited, otherwise
/// those that it serves.
pub(crate) fn metrics(log: &str) -> String {
    let (_, server) = log.rsplit_once("metrics: ").expect("a server in the log");
    if server.lines().any(|line| line == "exit") {
        return server.to_owned();
    }
    let address = server.lines().next().expect("a line");
    let address: SocketAddr = address.parse().expect("an address");
    let Ok(mut stream) = TcpStream::connect(address) else {
        // It is about to print its metrics, or has printed them meanwhile.
        return String::new();
    };
    let response = http::exchange(&mut stream, "GET", "/metrics", &[]);
    response.map_or(String::new(), |response| response.body)
}
