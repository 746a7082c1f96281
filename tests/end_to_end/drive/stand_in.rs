//! A stand-in for a gateway, whose responses a test chooses.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The time of its arrival.
    pub(crate) at: Instant,
    /// Method and path.
    pub(crate) what: String,
    /// The value of the header `Authorization`.
    pub(crate) authorization: Option<String>,
    /// The value of the header `Content-Type`.
    pub(crate) content_type: Option<String>,
    /// The body.
    pub(crate) body: String,
}

/// A running stand-in. It listens until the process exits.
#[derive(Debug)]
pub(crate) struct StandIn {
    /// The listen address.
    pub(crate) address: SocketAddr,
    /// The received requests.
    received: Arc<Mutex<Vec<Received>>>,
}

impl StandIn {
    /// Starts a stand-in. `respond` returns the status and the body of the response to a request,
    /// given the number of requests before it; with `None`, the connection stays open without a
    /// response.
    pub(crate) fn start(
        respond: impl Fn(&Received, usize) -> Option<(&'static str, &'static str)> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let log = Arc::clone(&received);
        thread::spawn(move || {
            // Open connections without a response.
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                let Some(request) = read(&stream) else {
                    continue;
                };
                let before = lock(&log).len();
                let response = respond(&request, before);
                lock(&log).push(request);
                match response {
                    Some((status, body)) => write_response(stream, status, body),
                    None => silent.push(stream),
                }
            }
        });
        Self { address, received }
    }

    /// Returns the URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the requests received so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }
}

/// Reads a request. Returns `None` if the client disconnects before its end.
fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = reader.read_line(&mut head).ok()?;
        (read > 0).then_some(())?;
    }
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.to_owned()))
    };
    // A request without a body, such as `DELETE`, need not have the header.
    let length = header("content-length").unwrap_or_else(|| "0".to_owned());
    let mut body = vec![0; length.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Received {
        at: Instant::now(),
        what: head.split_once(" HTTP/1.1\r\n")?.0.to_owned(),
        authorization: header("authorization"),
        content_type: header("content-type"),
        body: String::from_utf8(body).ok()?,
    })
}

fn write_response(mut stream: TcpStream, status: &str, body: &str) {
    let length = body.len();
    // The client may have disconnected.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
}

fn lock(received: &Mutex<Vec<Received>>) -> MutexGuard<'_, Vec<Received>> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}
