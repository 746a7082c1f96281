//! An HTTP server whose metrics are recorded for one test, and a client that sends raw requests.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use mcp_metrics::mcp;
use mcp_metrics::testing::Recording;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

use crate::server::Hub;

const DEADLINE: Duration = Duration::from_secs(30);

pub(super) const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1.0"}}}"#;
pub(super) const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// Returns the request of a tool call.
pub(super) fn call(tool: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{{"name":"{tool}","arguments":{{}}}}}}"#
    )
}

/// Runs a test under a recorder of its own, which all tasks share: they run on this thread.
pub(super) fn recorded(test: impl AsyncFnOnce(&Recording)) {
    let metrics = Recording::new();
    metrics.run(|| {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        runtime.block_on(async {
            let test = timeout(DEADLINE, test(&metrics)).await;
            test.expect("the test ends");
        });
    });
}

/// Returns the HTTP families: name without prefix, label values and value of each series.
pub(super) fn http_metrics(metrics: &Recording) -> Vec<String> {
    let text = metrics.to_string();
    let lines = text.lines();
    let lines = lines.filter_map(|line| line.strip_prefix("mcp_http_"));
    lines
        .map(|line| {
            let parts = line.split('"').enumerate();
            let is_text = |index| index % 2 == 1;
            let labels = parts.filter(|(index, _)| is_text(*index));
            let labels = labels.map(|(_, label)| label);
            let name = line.split(['{', ' ']).next();
            let value = line.rsplit(' ').next();
            let words = name.into_iter().chain(labels).chain(value);
            words.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// Asserts that these are the series of the HTTP families.
#[track_caller]
pub(super) fn assert_http(metrics: &Recording, expected: &[&str]) {
    assert_eq!(http_metrics(metrics), expected, "{metrics}");
}

/// Waits until a condition holds that no signal announces, such as the end of a connection.
pub(super) async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        sleep(Duration::from_millis(2)).await;
    }
}

/// A server on a local port.
#[derive(Clone, Copy)]
pub(super) struct Server(pub(super) SocketAddr);

/// Starts a server with the service of the MCP server at `/mcp`.
pub(super) async fn serve_hub(config: StreamableHttpServerConfig) -> Server {
    let hub = mcp::streamable_http(|| Ok(Hub::new()), config);
    serve(Router::new().nest_service("/mcp", hub)).await
}

/// Starts a server.
pub(super) async fn serve(app: Router) -> Server {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = listener.expect("a local port");
    let address = listener.local_addr().expect("the port is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server(address)
}

impl Server {
    /// Sends a request to `/mcp` on a connection of its own.
    pub(super) async fn send(
        self,
        method: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Connection {
        let mut text = format!("{method} /mcp HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            text.push_str("Host: localhost\r\n");
        }
        for (name, value) in headers {
            text.extend([name, ": ", value, "\r\n"]);
        }
        let length = body.len().to_string();
        text.extend(["Content-Length: ", &length, "\r\n\r\n", body]);
        let stream = TcpStream::connect(self.0).await;
        let mut stream = stream.expect("the server listens");
        let sent = stream.write_all(text.as_bytes()).await;
        sent.expect("the server receives the request");
        Connection {
            stream,
            received: String::new(),
        }
    }

    /// Sends a `POST` request with the headers of MCP, and these.
    pub(super) async fn post(self, headers: &[(&str, &str)], body: &str) -> Connection {
        let mut all = vec![
            ("Accept", "application/json, text/event-stream"),
            ("Content-Type", "application/json"),
        ];
        all.extend(headers);
        self.send("POST", &all, body).await
    }

    /// Opens a session, and returns its identifier.
    pub(super) async fn initialize(self) -> String {
        let response = self.post(&[], INITIALIZE).await.end().await;
        let session = response.header("mcp-session-id").expect("a session");
        let headers = [("Mcp-Session-Id", session)];
        let accepted = self.post(&headers, INITIALIZED).await.end().await;
        assert_eq!(accepted.status(), 202, "{accepted:?}");
        session.to_owned()
    }
}

/// A connection with one request. Dropping it disconnects.
pub(super) struct Connection {
    stream: TcpStream,
    received: String,
}

impl Connection {
    /// Receives until the text has arrived.
    pub(super) async fn until(mut self, text: &str) -> Self {
        let mut buffer = [0; 1024];
        while !self.received.contains(text) {
            let length = self.stream.read(&mut buffer).await.expect("a response");
            assert_ne!(length, 0, "`{text}` is missing in {:?}", self.received);
            let part = String::from_utf8_lossy(&buffer[..length]);
            self.received.push_str(&part);
        }
        self
    }

    /// Receives the whole response.
    pub(super) async fn end(mut self) -> Response {
        let rest = self.stream.read_to_string(&mut self.received).await;
        rest.expect("a response");
        Response(self.received)
    }
}

/// A response as it was received.
#[derive(Debug)]
pub(super) struct Response(pub(super) String);

impl Response {
    pub(super) fn status(&self) -> u16 {
        let code = self.0.split(' ').nth(1).expect("a status line");
        code.parse().expect("a status code")
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.0.lines().skip(1);
        let mut lines = lines.map_while(|line| line.split_once(": "));
        lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}
