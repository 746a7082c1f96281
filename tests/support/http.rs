//! A minimal HTTP client, so that tests see what is on the wire.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A response of the server.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header lines, as sent.
    pub headers: String,
    /// The body, with invalid UTF-8 replaced.
    pub body: String,
    /// The body as it was sent.
    pub bytes: Vec<u8>,
}

impl Response {
    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// Connects with a read timeout, so that a missing response fails the test.
///
/// # Panics
///
/// If nothing listens at the address.
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a server listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("the timeout is not zero");
    stream
}

/// Sends a request without a body, and reads the response until the server closes the connection.
///
/// # Errors
///
/// If the connection fails, or the response is incomplete.
pub fn exchange(
    stream: &mut (impl Read + Write),
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> io::Result<Response> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes())?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    parse(&response).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn parse(response: &[u8]) -> Option<Response> {
    let end = response.windows(4).position(|end| end == b"\r\n\r\n")?;
    let headers = String::from_utf8_lossy(&response[..end]).replace("\r\n", "\n");
    let mut bytes = response[end + 4..].to_vec();
    if headers
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked")
    {
        bytes = unchunk(&bytes)?;
    }
    Some(Response {
        status: headers.split(' ').nth(1)?.parse().ok()?,
        headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    })
}

/// Joins the chunks of a body. Returns `None` if the last one is missing.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|end| end == b"\r\n")?;
        let size = usize::from_str_radix(str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        let chunk = line + 2;
        whole.extend_from_slice(rest.get(chunk..chunk + size)?);
        rest = rest.get(chunk + size + 2..)?;
    }
}

/// Sends a request without a body, and reads the response.
///
/// # Panics
///
/// If there is no response.
pub fn request(address: SocketAddr, method: &str, path: &str) -> Response {
    exchange(&mut connect(address), method, path, &[]).expect("the server responds")
}

/// Sends a `GET` request.
///
/// # Panics
///
/// If there is no response.
pub fn get(address: SocketAddr, path: &str) -> Response {
    request(address, "GET", path)
}

/// Sends a `GET` request with these headers.
///
/// # Panics
///
/// If there is no response.
pub fn get_with(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Response {
    exchange(&mut connect(address), "GET", path, headers).expect("the server responds")
}
