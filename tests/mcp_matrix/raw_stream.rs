//! Messages over standard input and output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde_json::Value;

use crate::raw::Wire;

pub(crate) struct StreamWire {
    stream: BufReader<UnixStream>,
    /// The requests that were cancelled.
    cancelled: Vec<u64>,
}

impl StreamWire {
    pub(crate) fn new(stream: UnixStream) -> Self {
        let timeout = stream.set_read_timeout(Some(Duration::from_secs(30)));
        timeout.expect("a socket");
        Self {
            stream: BufReader::new(stream),
            cancelled: Vec::new(),
        }
    }
}

impl Wire for StreamWire {
    fn send(&mut self, message: &Value, _is_modern: bool) {
        let sent = self
            .stream
            .get_mut()
            .write_all(format!("{message}\n").as_bytes());
        sent.expect("a running server");
    }

    fn receive(&mut self, id: u64) -> Value {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a message");
            let message: Value = serde_json::from_str(&line).expect("JSON of the server");
            let response = message["id"]
                .as_u64()
                .filter(|_| message["method"].is_null());
            let is_expected = response.is_none_or(|id| !self.cancelled.contains(&id));
            assert!(is_expected, "a response to a cancelled request: {message}");
            let is_request = message["method"].is_string() && !message["id"].is_null();
            if is_request || message["id"] == id {
                return message;
            }
        }
    }

    fn abandon(&mut self, _id: u64, _is_modern: bool) -> bool {
        false
    }

    fn expect_none(&mut self, id: u64) {
        self.cancelled.push(id);
    }

    fn end(&mut self) {}
}
