//! A client of an SDK for Python or TypeScript: a process that executes commands.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use mcp_metrics_tests::Process;
use mcp_metrics_tests::tools::{exists, found};
use serde_json::{Value, json};

use crate::client::Client;
use crate::server::{PROGRAM, Target};
use crate::situation::Kind;

/// A running client.
#[derive(Debug)]
pub(crate) struct Sdk {
    kind: Kind,
    process: Process,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Sdk {
    /// Starts a client. Returns `None` if the SDK is missing and may be.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let clients = tests.join("mcp_matrix/clients");
        let python = |venv: &str| {
            let python = tests.join(venv).join("bin/python");
            found("a Python MCP SDK", &python)
        };
        let (program, script) = match kind {
            Kind::Python1 => (python(".venv-mcp-1")?, "python_1.py"),
            Kind::Python2 | Kind::Python2Modern => (python(".venv")?, "python_2.py"),
            Kind::TypeScript => {
                exists("the TypeScript MCP SDK", &clients.join("node_modules"))?;
                let node = found("Node.js", Path::new("node"))?;
                (node, "typescript.js")
            }
            _ => unreachable!("not an SDK of another language: {kind:?}"),
        };
        let mut command = Command::new(program);
        command
            .arg(script)
            .current_dir(clients)
            .env("RUST_BACKTRACE", "0")
            // Errors that a test expects.
            .env("PYTHONWARNINGS", "ignore")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = Process::start("the MCP client", &mut command);
        let commands = process.child.stdin.take();
        let answers = process.child.stdout.take().expect("piped output");
        Some(Self {
            kind,
            process,
            commands,
            answers: BufReader::new(answers),
        })
    }
}

impl Client for Sdk {
    fn connect(&mut self, target: &Target) -> Value {
        let mode = if self.kind.is_modern() {
            "auto"
        } else {
            "legacy"
        };
        let target = match target {
            Target::Http(address) => {
                json!({ "url": format!("http://{address}/mcp"), "mode": mode })
            }
            Target::Duplex(_) => unreachable!("only for rmcp"),
            Target::Stdio([wrapped, transport]) => {
                json!({ "command": [PROGRAM, wrapped, transport], "mode": mode })
            }
        };
        self.execute(&json!({ "connect": target }))
    }

    fn execute(&mut self, command: &Value) -> Value {
        let commands = self.commands.as_mut().expect("a running client");
        writeln!(commands, "{command}").expect("a running client");
        let mut line = String::new();
        let read = self.answers.read_line(&mut line);
        read.expect("an answer of the client");
        serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("{command}: expected JSON from the client, got {line:?}"))
    }

    fn kill(&mut self) {
        self.process.child.kill().expect("a running client");
        self.process.child.wait().expect("a child");
    }

    fn log(&self) -> String {
        self.process.log()
    }
}
