//! A stand-in for a gateway, which answers as a test has it answer.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

/// A request that has arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// When.
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

/// A running stand-in; it listens as long as this process lives.
#[derive(Debug)]
pub(crate) struct StandIn {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What has arrived.
    received: Arc<Mutex<Vec<Received>>>,
}

impl StandIn {
    /// Starts one that gives the answer, a status line's end and a body, that `answer` has for a
    /// request and the number of those before it; or none, for ever.
    pub(crate) fn start(
        answer: impl Fn(&Received, usize) -> Option<(&'static str, &'static str)> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let kept = Arc::clone(&received);
        thread::spawn(move || {
            // Those that wait for an answer in vain.
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                let Some(request) = read(&stream) else {
                    continue;
                };
                let before = lock(&kept).len();
                let answer = answer(&request, before);
                lock(&kept).push(request);
                match answer {
                    Some((status, body)) => respond(stream, status, body),
                    None => silent.push(stream),
                }
            }
        });
        Self { address, received }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has arrived so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }
}

/// Reads a request; nothing if the client leaves before its end.
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
    let mut body = vec![0; header("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Received {
        at: Instant::now(),
        what: head.split_once(" HTTP/1.1\r\n")?.0.to_owned(),
        authorization: header("authorization"),
        content_type: header("content-type"),
        body: String::from_utf8(body).ok()?,
    })
}

fn respond(mut stream: TcpStream, status: &str, body: &str) {
    let length = body.len();
    // The client may have left.
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
}

fn lock(received: &Mutex<Vec<Received>>) -> MutexGuard<'_, Vec<Received>> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}
