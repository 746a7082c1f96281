//! An MCP client that somebody else wrote: the Python SDK, steered line by line.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use mcp_metrics_tests::Process;
use serde_json::{Value, json};

use super::{hub::Hub, tools};

/// How client and server talk. MCP has had sessions, begun by `initialize`, until its revision of
/// July 2026, which has none; hubs meet both kinds of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// With a session.
    Sessions,
    /// Without.
    Stateless,
}

impl Era {
    /// The SDK's name for it.
    fn mode(self) -> &'static str {
        match self {
            Self::Sessions => "legacy",
            Self::Stateless => "auto",
        }
    }

    /// The protocol's revision that the SDK and the hub settle on.
    pub(crate) fn protocol(self) -> &'static str {
        match self {
            Self::Sessions => "2025-11-25",
            Self::Stateless => "2026-07-28",
        }
    }
}

/// A call of a tool: its name and its arguments.
pub(crate) type Call = (&'static str, Value);

/// A call of a tool.
pub(crate) fn call(tool: &'static str, arguments: Value) -> Call {
    (tool, arguments)
}

/// What a client saw of a call's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A result.
    Success,
    /// A result that is marked as an error: what the tool itself says went wrong.
    Error,
    /// An error of the protocol, in place of a result.
    Refused,
}

/// The end of a call.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The text for the model, or the error's message.
    pub(crate) text: String,
    /// The structured result.
    pub(crate) data: Value,
}

/// A running client.
#[derive(Debug)]
pub(crate) struct Client {
    /// Its program.
    process: Process,
    /// Where commands go; none once the client was told to leave.
    commands: Option<ChildStdin>,
    /// Where answers come from.
    answers: BufReader<ChildStdout>,
    /// Who the server says it is, and what it offers.
    pub(crate) hello: Value,
}

impl Client {
    /// Starts a client and connects it to a hub; nothing if the tests are to do without.
    pub(crate) fn connect(hub: &Hub, era: Era) -> Option<Self> {
        let mut command = Command::new(tools::python()?);
        command
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/end_to_end/client.py"))
            .args([&hub.url(), era.mode()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = Process::start("the client", &mut command);
        let commands = process.child.stdin.take();
        let answers = process.child.stdout.take().expect("it is piped");
        let mut client = Self {
            process,
            commands,
            answers: BufReader::new(answers),
            hello: Value::Null,
        };
        client.hello = client.read();
        assert_eq!(client.hello["protocol"], era.protocol());
        Some(client)
    }

    /// Makes all calls at once and waits for their ends, which are in the order of the calls.
    pub(crate) fn call_all(&mut self, calls: &[Call]) -> Vec<Answer> {
        let answers = self.tell(&json!({ "call": calls }));
        let answers = answers.as_array().expect("an answer to each");
        assert_eq!(answers.len(), calls.len());
        answers.iter().map(answer).collect()
    }

    /// Makes one call and waits for its end.
    pub(crate) fn call(&mut self, tool: &'static str, arguments: Value) -> Answer {
        self.call_all(&[call(tool, arguments)]).remove(0)
    }

    /// Makes calls without waiting for them.
    pub(crate) fn begin(&mut self, calls: &[Call]) {
        self.tell(&json!({ "begin": calls }));
    }

    /// Gives up the calls made last by [`begin`](Self::begin).
    pub(crate) fn cancel(&mut self) {
        self.tell(&json!({ "cancel": true }));
    }

    /// The methods of all messages that went to the hub, in order.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        let sent = self.tell(&json!({ "sent": true }));
        let sent = sent.as_array().into_iter().flatten();
        sent.filter_map(|method| method.as_str().map(str::to_owned))
            .collect()
    }

    /// Has the client end its session, whatever is still under way.
    pub(crate) fn leave(mut self) {
        drop(self.commands.take());
        assert!(self.process.wait().success(), "the client failed");
    }

    /// Kills the client, as if its machine had gone.
    pub(crate) fn kill(self) {
        drop(self.process);
    }

    /// Sends a command and waits for the answer.
    fn tell(&mut self, command: &Value) -> Value {
        let commands = self.commands.as_mut().expect("it has not left");
        writeln!(commands, "{command}").expect("the client listens");
        self.read()
    }

    /// Waits for an answer.
    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the client answers");
        serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the client answers with JSON, not {line:?}"))
    }
}

/// Reads the end of a call.
fn answer(answer: &Value) -> Answer {
    let outcome = match answer["outcome"].as_str() {
        Some("Success") => Outcome::Success,
        Some("Error") => Outcome::Error,
        Some("Refused") => Outcome::Refused,
        other => panic!("no outcome: {other:?}"),
    };
    Answer {
        outcome,
        text: answer["text"].as_str().unwrap_or_default().to_owned(),
        data: answer["data"].clone(),
    }
}
