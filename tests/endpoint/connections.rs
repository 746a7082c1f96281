//! Connections whose requests and ends are under the test's control.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use mcp_metrics_tests::http;

/// A request of the metrics.
pub(crate) const SCRAPE: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n";

/// A keep-alive connection.
pub(crate) struct KeptAlive(pub(crate) TcpStream);

impl KeptAlive {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self(http::connect(address))
    }

    /// Requests `/health`, and returns whether a response arrived.
    pub(crate) fn is_answered(&mut self) -> bool {
        let sent = self
            .0
            .write_all(b"GET /health HTTP/1.1\r\nHost: test\r\n\r\n");
        let mut answer = Vec::new();
        let mut piece = [0; 1_024];
        while sent.is_ok() && !answer.ends_with(b"ok\n") {
            match self.0.read(&mut piece) {
                Ok(0) | Err(_) => return false,
                Ok(read) => answer.extend_from_slice(&piece[..read]),
            }
        }
        sent.is_ok()
    }
}

/// Returns whether the server has closed a connection without unread data.
pub(crate) fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 1_024]) {
        Ok(read) => read == 0,
        // The connection is reset if the server closed it before reading all data.
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

/// Sends a request and reads until the server closes the connection.
pub(crate) fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = http::connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    String::from_utf8_lossy(&response).into_owned()
}
