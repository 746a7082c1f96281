//! A client that writes its messages itself, to sockets.

use mcp_metrics_tests::Process;
use serde_json::{Value, json};

use crate::client::{Client, spawn_server};
use crate::raw_http::HttpWire;
use crate::raw_stream::StreamWire;
use crate::server::Target;

/// What carries the messages.
pub(crate) trait Wire {
    /// Sends a message.
    fn send(&mut self, message: &Value, is_modern: bool);

    /// Returns the next message from the server to the request with this identifier: its response,
    /// or a request of the server.
    fn receive(&mut self, id: u64) -> Value;

    /// Stops to wait for the response to a request. Returns whether this tells the server.
    fn abandon(&mut self, id: u64, is_modern: bool) -> bool;

    /// Expects no response to a request, whose cancellation was sent.
    fn expect_none(&mut self, id: u64);

    /// Ends the session.
    fn end(&mut self);
}

/// The client.
pub(crate) struct Raw {
    is_modern: bool,
    wire: Option<Box<dyn Wire>>,
    last_id: u64,
    servers: Vec<Process>,
}

impl Raw {
    pub(crate) fn new(is_modern: bool) -> Self {
        Self {
            is_modern,
            wire: None,
            last_id: 0,
            servers: Vec::new(),
        }
    }

    fn wire(&mut self) -> &mut dyn Wire {
        self.wire.as_deref_mut().expect("an open session")
    }

    /// Sends a request, and returns its identifier.
    fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        self.last_id += 1;
        if self.is_modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": { "name": "matrix", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": capabilities(),
            });
        }
        let (id, is_modern) = (self.last_id, self.is_modern);
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.wire().send(&message, is_modern);
        id
    }

    fn notify(&mut self, method: &str, params: &Value) {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        let is_modern = self.is_modern;
        self.wire().send(&message, is_modern);
    }

    /// Waits for the response to a request, and answers the server's requests meanwhile.
    fn finish(&mut self, id: u64) -> Value {
        loop {
            let mut message = self.wire().receive(id);
            let Some(method) = message["method"].as_str() else {
                if let Some(message) = message.as_object_mut() {
                    message.remove("id");
                    message.remove("jsonrpc");
                }
                return message;
            };
            let result = answer(method);
            let response = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
            let is_modern = self.is_modern;
            self.wire().send(&response, is_modern);
        }
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.finish(id)
    }

    /// Calls a tool. Sends the input that the server requires.
    fn call(&mut self, tool: &Value, arguments: &Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        let response = self.request("tools/call", params.clone());
        if response["result"]["resultType"] != "input_required" {
            return response;
        }
        let mut params = params;
        params["requestState"] = response["result"]["requestState"].clone();
        params["inputResponses"] = json!({ "answer": answer("elicitation/create") });
        self.request("tools/call", params)
    }
}

fn capabilities() -> Value {
    json!({
        "sampling": {},
        "elicitation": {},
        "roots": {},
        "extensions": { "io.modelcontextprotocol/tasks": {} },
    })
}

/// Returns the result of a request of the server.
fn answer(method: &str) -> Value {
    match method {
        "sampling/createMessage" => {
            let content = json!({ "type": "text", "text": "because" });
            json!({ "role": "assistant", "content": content, "model": "test" })
        }
        "elicitation/create" => json!({ "action": "accept", "content": { "name": "x" } }),
        "roots/list" => json!({ "roots": [] }),
        _ => json!({}),
    }
}

impl Client for Raw {
    fn connect(&mut self, target: &Target) -> Value {
        match target {
            Target::Http(address) => self.wire = Some(Box::new(HttpWire::new(*address))),
            Target::Duplex(_) => unreachable!("only for rmcp"),
            Target::Stdio(arguments) => {
                let (server, stream) = spawn_server(*arguments);
                self.servers.push(server);
                self.wire = Some(Box::new(StreamWire::new(stream)));
            }
        }
        if self.is_modern {
            return self.request("server/discover", json!({}));
        }
        let params = json!({
            "protocolVersion": "2025-11-25",
            "clientInfo": { "name": "matrix", "version": "1" },
            "capabilities": capabilities(),
        });
        let response = self.request("initialize", params);
        self.notify("notifications/initialized", &json!({}));
        response
    }

    fn execute(&mut self, command: &Value) -> Value {
        let entries = command.as_object().expect("a command");
        let is_call = entries.contains_key("call");
        let name = entries.keys().find(|name| !is_call || *name == "call");
        let name = name.expect("a command").as_str();
        let value = &command[name];
        match name {
            "list" => {
                let kind = value.as_str().expect("a kind");
                self.request(&format!("{kind}/list"), json!({}))
            }
            "call" => self.call(value, &command["arguments"]),
            "prompt" => self.request("prompts/get", json!({ "name": value })),
            "read" => self.request("resources/read", json!({ "uri": value })),
            "ping" => self.request("ping", json!({})),
            "malformed" => self.request("tools/call", json!({ "arguments": {} })),
            "begin" => {
                self.begin("tools/call", json!({ "name": value, "arguments": {} }));
                json!("begun")
            }
            "cancel" => {
                let (id, is_modern) = (self.last_id, self.is_modern);
                if !self.wire().abandon(id, is_modern) {
                    self.wire().expect_none(id);
                    self.notify("notifications/cancelled", &json!({ "requestId": id }));
                }
                json!("cancelled")
            }
            "await" => self.finish(self.last_id),
            // It stops to wait for the call in flight, and sends nothing.
            "timeout" => {
                let id = self.last_id;
                self.wire().abandon(id, true);
                json!("timed out")
            }
            "end" => {
                self.wire().end();
                self.wire = None;
                json!("ended")
            }
            _ => panic!("unknown command: {command}"),
        }
    }

    fn kill(&mut self) {
        self.wire = None;
    }

    fn log(&self) -> String {
        self.servers.iter().map(Process::log).collect()
    }
}
