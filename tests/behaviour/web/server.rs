//! Routers that are called directly or over a socket, and the requests that they record.

use std::fmt::Debug;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, StatusCode};
use axum::{BoxError, Router};
use mcp_metrics::testing::Recording;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};
use tower_service::Service;

const DEADLINE: Duration = Duration::from_secs(30);

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

/// Sends a request, such as `GET /items`, to a service. Returns the status, after the body.
pub(super) async fn send<S, B>(service: &S, request: &str) -> StatusCode
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: Debug,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (method, path) = request.split_once(' ').expect("a method and a path");
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::empty()).expect("a request");
    let response = service.clone().call(request).await.expect("a response");
    let (head, body) = response.into_parts();
    to_bytes(Body::new(body), usize::MAX).await.expect("a body");
    head.status
}

/// Sends requests to a service, and asserts their statuses.
pub(super) async fn assert_statuses<S>(service: &S, expected: &[(&str, u16)])
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone,
    S::Error: Debug,
{
    for (request, status) in expected {
        assert_eq!(send(service, request).await, *status, "{request}");
    }
}

/// Asserts the number of requests by agent and operation, as `agent operation count`. None is in
/// flight, and all have ended.
#[track_caller]
pub(super) fn assert_requests(metrics: &Recording, expected: &[&str]) {
    let text = metrics.to_string();
    let lines = text.lines();
    let lines = lines.filter_map(|line| line.strip_prefix("mcp_hub_requests_total{"));
    let requests = lines.map(|line| {
        let labels = line.split('"').enumerate();
        let labels = labels.filter(|(index, _)| index % 2 == 1);
        let labels: Vec<_> = labels.map(|(_, label)| label).collect();
        let [agent, operation] = labels[..] else {
            panic!("two labels in {line}");
        };
        let requests = metrics.requests(agent, operation);
        let failed: u64 = requests.failed.values().sum();
        assert_eq!(requests.total, requests.success + failed, "{requests}");
        assert_eq!(requests.total, requests.observed, "{requests}");
        assert_eq!(requests.active, 0, "{requests}");
        format!("{agent} {operation} {}", requests.total)
    });
    assert_eq!(requests.collect::<Vec<_>>(), expected, "{metrics}");
}

/// Waits until a condition holds that no signal announces, such as the end of a connection.
pub(super) async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        sleep(Duration::from_millis(2)).await;
    }
}

/// A connection to a server of its own. Dropping it disconnects.
pub(super) struct Connection {
    stream: TcpStream,
    received: String,
}

impl Connection {
    /// Starts a server and connects to it.
    pub(super) async fn to(app: Router) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("a local port");
        let address = listener.local_addr().expect("the port is bound");
        tokio::spawn(async move { axum::serve(listener, app).await });
        let stream = TcpStream::connect(address).await;
        Self {
            stream: stream.expect("the server listens"),
            received: String::new(),
        }
    }

    /// Sends a request with these headers, each with a line break, and no body.
    pub(super) async fn send(&mut self, request: &str, headers: &str) {
        let text = format!("{request} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        self.write(&text).await;
    }

    pub(super) async fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes()).await;
    }

    pub(super) async fn write_bytes(&mut self, bytes: &[u8]) {
        let sent = self.stream.write_all(bytes).await;
        sent.expect("the server receives");
    }

    /// Receives up to and including this text, and returns what was received.
    pub(super) async fn until(&mut self, text: &str) -> String {
        let mut buffer = [0; 1024];
        loop {
            if let Some(position) = self.received.find(text) {
                let rest = self.received.split_off(position + text.len());
                return std::mem::replace(&mut self.received, rest);
            }
            let length = self.stream.read(&mut buffer).await.expect("a response");
            assert_ne!(length, 0, "`{text}` is missing in {:?}", self.received);
            let part = String::from_utf8_lossy(&buffer[..length]);
            self.received.push_str(&part);
        }
    }

    /// Receives until the server closes the connection.
    pub(super) async fn end(mut self) -> String {
        let rest = self.stream.read_to_string(&mut self.received).await;
        rest.expect("the end of the connection");
        self.received
    }
}
