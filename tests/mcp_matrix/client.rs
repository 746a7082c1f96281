//! A client that executes commands: a session's steps as JSON.

use mcp_metrics_tests::Process;
use serde_json::Value;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Command;

use crate::raw::Raw;
use crate::rmcp_client::Rmcp;
use crate::sdk::Sdk;
use crate::server::{PROGRAM, Target};
use crate::situation::Kind;

/// A client.
pub(crate) trait Client {
    /// Connects to a server.
    fn connect(&mut self, target: &Target) -> Value;

    /// Executes a command of `clients/commands.py`.
    fn execute(&mut self, command: &Value) -> Value;

    /// Disconnects as a crash would. The client can't be used again.
    fn kill(&mut self);

    /// Returns the log of the servers that it has started.
    fn log(&self) -> String;
}

/// Starts a client. Returns `None` if it is missing and may be.
pub(crate) fn start(kind: Kind) -> Option<Box<dyn Client>> {
    Some(match kind {
        Kind::Raw | Kind::RawModern => Box::new(Raw::new(kind.is_modern())),
        Kind::Rmcp | Kind::RmcpModern => Box::new(Rmcp::new(kind.is_modern())),
        _ => Box::new(Sdk::start(kind)?),
    })
}

/// Starts a server over standard input and output. Returns the client's end of both.
pub(crate) fn spawn_server(arguments: [&str; 2]) -> (Process, UnixStream) {
    let (ours, server) = UnixStream::pair().expect("a pair of sockets");
    let input = server.try_clone().expect("a second descriptor");
    let mut command = Command::new(PROGRAM);
    command
        // A backtrace takes longer than a panicking call may.
        .env("RUST_BACKTRACE", "0")
        .args(arguments)
        .stdin(OwnedFd::from(input))
        .stdout(OwnedFd::from(server));
    // The command keeps the server's end open until it is dropped.
    (Process::start("the MCP server", &mut command), ours)
}
