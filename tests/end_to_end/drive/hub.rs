//! The hub under test.

use std::{
    net::SocketAddr,
    process::{Command, ExitStatus, Stdio},
};

use mcp_metrics_tests::{Process, Scrape, eventually, http};

use super::binary;

/// The paths of the metrics: the usual one, and the one of existing scrape configurations.
pub(crate) const METRICS_PATHS: [&str; 2] = ["/metrics", "/api/get_prometheus_metrics_service"];

/// A running hub.
#[derive(Debug)]
pub(crate) struct Hub {
    /// The process.
    process: Process,
    /// The listen address.
    pub(crate) address: SocketAddr,
}

impl Hub {
    /// Starts a hub on a free port with these further arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::run(&mut Self::command("127.0.0.1:0", arguments))
    }

    /// Starts a hub with this command and waits until it listens.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut process = Process::start("the hub", command);
        let address = process.wait_for("the URL of MCP in the log", |line| {
            let url = line.split_once("http://")?.1;
            url.strip_suffix("/mcp")?.parse().ok()
        });
        Self { process, address }
    }

    /// Returns the command that starts a hub on this address.
    pub(crate) fn command(address: &str, arguments: &[&str]) -> Command {
        let mut command = Self::program();
        command.args(["--listen", address]).args(arguments);
        command
    }

    /// Returns the command of the hub without arguments.
    pub(crate) fn program() -> Command {
        let mut command = Command::new(binary::hub());
        // The environment of the tests may configure a language model.
        for variable in ["LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL", "LLM_PROVIDER"] {
            command.env_remove(variable);
        }
        command
            .env_remove("HUB_LISTEN")
            .env_remove("HUB_NAMESPACE")
            .env_remove("RUST_LOG")
            // Some tests provoke panics.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Sends SIGTERM and waits for the exit.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let kill = format!("kill -TERM {}", self.process.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{kill}");
        self.process.wait()
    }

    /// Sends SIGKILL and waits for the exit.
    pub(crate) fn crash(&mut self) {
        self.process.child.kill().expect("a running hub");
        self.process.wait();
    }

    /// Returns the URL of the MCP endpoint.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Returns the log so far.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// Returns the text of a scrape.
    pub(crate) fn text(&self) -> String {
        let response = http::get(self.address, METRICS_PATHS[1]);
        assert_eq!(response.status, 200);
        response.body
    }

    /// Scrapes the hub.
    pub(crate) fn scrape(&self) -> Scrape {
        Scrape::parse(&self.text())
    }

    /// Waits until an agent has `count` active operations.
    pub(crate) fn wait_for_active(&self, agent: &str, count: u32) {
        let what = format!("{agent} has {count} active operations");
        eventually(&what, || {
            let active = self
                .scrape()
                .get("mcp_hub_active_operations", &[("agent", agent)]);
            active == Some(f64::from(count))
        });
    }

    /// Waits until no operation is active and returns that scrape.
    pub(crate) fn scrape_when_idle(&self) -> Scrape {
        let mut scrape = Scrape::default();
        eventually("no operation is active", || {
            scrape = self.scrape();
            scrape.sum("mcp_hub_active_operations", &[]) == 0.0
        });
        scrape
    }
}
