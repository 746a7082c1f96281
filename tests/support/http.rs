//! The plainest HTTP client, so that tests see what is on the wire.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header lines, as sent.
    pub headers: String,
    /// The body.
    pub body: String,
}

impl Response {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// Sends a request without a body and reads the answer to its end.
///
/// # Panics
///
/// If there is no answer.
pub fn request(address: SocketAddr, method: &str, path: &str) -> Response {
    let mut stream = TcpStream::connect(address).expect("a server");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a timeout");
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("a request");
    let mut text = String::new();
    stream
        .read_to_string(&mut text)
        .expect("an answer in UTF-8");
    let (headers, body) = text.split_once("\r\n\r\n").expect("headers");
    let status = headers
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .expect("a status");
    Response {
        status,
        headers: headers.replace("\r\n", "\n"),
        body: body.to_owned(),
    }
}

/// `GET`s a path.
///
/// # Panics
///
/// If there is no answer.
pub fn get(address: SocketAddr, path: &str) -> Response {
    request(address, "GET", path)
}
