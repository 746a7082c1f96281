//! Connections whose requests and ends are under the test's control.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use mcp_metrics_tests::http;

/// Sends a request and reads until the server closes the connection.
pub(crate) fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = http::connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    String::from_utf8_lossy(&response).into_owned()
}
