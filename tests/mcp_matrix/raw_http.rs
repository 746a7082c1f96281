//! Messages over streamable HTTP: each on a connection of its own.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use mcp_metrics_tests::http;
use serde_json::{Value, json};

use crate::raw::Wire;

pub(crate) struct HttpWire {
    address: SocketAddr,
    session: Option<String>,
    /// The connections of the requests without a response, by identifier.
    open: BTreeMap<u64, BufReader<TcpStream>>,
}

impl HttpWire {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            session: None,
            open: BTreeMap::new(),
        }
    }

    /// Sends a request of HTTP 1.0, whose response is not chunked.
    fn request(&self, method: &str, headers: &str, body: &str) -> BufReader<TcpStream> {
        let mut stream = http::connect(self.address);
        let session = self.session.as_ref();
        let session = session.map_or(String::new(), |id| format!("Mcp-Session-Id: {id}\r\n"));
        let request = format!(
            "{method} /mcp HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n{headers}{session}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("a server");
        BufReader::new(stream)
    }
}

impl Wire for HttpWire {
    fn send(&mut self, message: &Value, is_modern: bool) {
        let mut headers = String::new();
        if is_modern {
            headers.push_str("MCP-Protocol-Version: 2026-07-28\r\n");
            if let Some(method) = message["method"].as_str() {
                headers.extend(["Mcp-Method: ", method, "\r\n"]);
            }
            let params = &message["params"];
            let name = params["name"].as_str().or(params["uri"].as_str());
            if let Some(name) = name {
                headers.extend(["Mcp-Name: ", name, "\r\n"]);
            }
        } else if message["method"] != "initialize" {
            headers.push_str("MCP-Protocol-Version: 2025-11-25\r\n");
        }
        let mut reader = self.request("POST", &headers, &message.to_string());
        match message["id"]
            .as_u64()
            .filter(|_| message["method"].is_string())
        {
            Some(id) => {
                self.open.insert(id, reader);
            }
            // The response of a notification, or of an answer, has no body.
            None => {
                let read = reader.read_to_string(&mut String::new());
                read.expect("a response");
            }
        }
    }

    fn receive(&mut self, id: u64) -> Value {
        let mut reader = self.open.remove(&id).expect("a request in flight");
        let mut rest = String::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).expect("a line") == 0 {
                break;
            }
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("mcp-session-id")
            {
                self.session = Some(value.trim().to_owned());
            }
            let data = line.strip_prefix("data:").unwrap_or_default().trim();
            if let Ok(message) = serde_json::from_str::<Value>(data) {
                let is_request = message["method"].is_string() && !message["id"].is_null();
                if is_request {
                    self.open.insert(id, reader);
                    return message;
                }
                if message["id"] == id {
                    return message;
                }
            }
            rest.push_str(&line);
        }
        // A response in JSON, or an error of HTTP.
        let (head, body) = rest.split_once("\r\n\r\n").unwrap_or((&rest, ""));
        let status = head.split(' ').nth(1).unwrap_or_default();
        serde_json::from_str(body).unwrap_or_else(|_| json!({ "status": status, "body": body }))
    }

    fn abandon(&mut self, id: u64, is_modern: bool) -> bool {
        // With a session, the request continues when its connection ends.
        if is_modern {
            self.open.remove(&id);
        }
        is_modern
    }

    // The stream of the response is not read any more.
    fn expect_none(&mut self, _id: u64) {}

    fn end(&mut self) {
        if self.session.is_some() {
            let mut reader = self.request("DELETE", "MCP-Protocol-Version: 2025-11-25\r\n", "");
            let read = reader.read_to_string(&mut String::new());
            read.expect("a response");
        }
    }
}
