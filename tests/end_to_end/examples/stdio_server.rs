//! Runs `stdio_server` as an MCP client does, over its standard input and output.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    process::{Child, ChildStderr, ChildStdout, Stdio},
};

use mcp_metrics_tests::{Scrape, http};
use serde_json::{Value, json};

use crate::programs::command;

/// A session with the server.
struct Session {
    server: Child,
    answers: BufReader<ChildStdout>,
    /// Kept open, since the server writes to it.
    _log: BufReader<ChildStderr>,
    metrics: SocketAddr,
}

impl Session {
    fn start() -> Self {
        let mut server = command("stdio_server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut log = BufReader::new(server.stderr.take().expect("a pipe"));
        let lines = log.by_ref().lines();
        let metrics = lines.map_while(Result::ok).find_map(|line| {
            let (_, url) = line.split_once("metrics at http://")?;
            url.split_once('/')?.0.parse().ok()
        });
        Self {
            answers: BufReader::new(server.stdout.take().expect("a pipe")),
            server,
            _log: log,
            metrics: metrics.expect("the log has the address of the metrics"),
        }
    }

    fn send(&mut self, message: &Value) {
        let stdin = self.server.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{message}").expect("the server reads");
    }

    /// Sends a request and returns the result.
    fn request(&mut self, id: u32, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the server answers");
        let answer: Value = serde_json::from_str(&line).expect("the output is only the protocol");
        assert_eq!(answer["id"], id, "{answer}");
        answer["result"].clone()
    }

    fn scrape(&self) -> Scrape {
        Scrape::parse(&http::get(self.metrics, "/metrics").body)
    }
}

#[test]
fn calls_are_exported_on_the_port_in_the_log() {
    let mut session = Session::start();
    let client = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let server = session.request(1, "initialize", &client);
    assert_eq!(server["serverInfo"]["name"], "calculator");
    session.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    let call = json!({ "name": "add", "arguments": { "a": 40, "b": 2 } });
    let result = session.request(2, "tools/call", &call);
    assert_eq!(result["content"][0]["text"], "42");

    let scrape = session.scrape();
    let labels = [
        ("mcp_method_name", "tools/call"),
        ("gen_ai_tool_name", "add"),
        ("network_transport", "pipe"),
    ];
    let name = "mcp_server_operation_duration_seconds_count";
    assert_eq!(scrape.get(name, &labels), Some(1.0));
    let pipe = [("network_transport", "pipe")];
    assert_eq!(scrape.get("mcp_server_active_sessions", &pipe), Some(1.0));

    // The client ends the session by closing the server's input.
    drop(session.server.stdin.take());
    let status = session.server.wait().expect("the server ends");
    assert!(status.success(), "{status}");
}
