//! A hub that a test has to itself.

use std::{
    net::SocketAddr,
    process::{Command, ExitStatus, Stdio},
};

use mcp_metrics_tests::{Process, Scrape, eventually, http};

use super::binary;

/// Where the metrics are: the usual path, and the one of existing scrape configurations.
pub(crate) const METRICS_PATHS: [&str; 2] = ["/metrics", "/api/get_prometheus_metrics_service"];

/// A running hub.
#[derive(Debug)]
pub(crate) struct Hub {
    /// Its program.
    process: Process,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Hub {
    /// Starts a hub on a free port, with these arguments besides.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::run(&mut Self::command("127.0.0.1:0", arguments))
    }

    /// Starts a hub with this command, and waits until it listens.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut process = Process::start("the hub", command);
        let address = process.wait_for("the hub logs where MCP is", |line| {
            let url = line.split_once("http://")?.1;
            url.strip_suffix("/mcp")?.parse().ok()
        });
        Self { process, address }
    }

    /// The command that starts a hub at this address.
    pub(crate) fn command(address: &str, arguments: &[&str]) -> Command {
        let mut command = Self::program();
        command.args(["--listen", address]).args(arguments);
        command
    }

    /// The hub's program, without arguments.
    pub(crate) fn program() -> Command {
        let mut command = Command::new(binary::hub());
        // The shell that runs the tests may be set up for a language model of its own.
        for variable in ["LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL", "LLM_PROVIDER"] {
            command.env_remove(variable);
        }
        command
            .env_remove("HUB_LISTEN")
            .env_remove("RUST_LOG")
            // Some tests have it panic, which is no news.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Asks it to stop, as a supervisor does, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let kill = format!("kill -TERM {}", self.process.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{kill}");
        self.process.wait()
    }

    /// Kills it, and waits until it is gone.
    pub(crate) fn crash(&mut self) {
        self.process.child.kill().expect("it runs");
        self.process.wait();
    }

    /// Where its MCP endpoint is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// The text of a scrape.
    pub(crate) fn text(&self) -> String {
        let response = http::get(self.address, METRICS_PATHS[1]);
        assert_eq!(response.status, 200);
        response.body
    }

    /// A scrape.
    pub(crate) fn scrape(&self) -> Scrape {
        Scrape::parse(&self.text())
    }

    /// Waits until this many operations of an agent are active.
    pub(crate) fn wait_for_active(&self, agent: &str, count: u32) {
        let what = format!("{agent} has {count} active operations");
        eventually(&what, || {
            let active = self
                .scrape()
                .get("mcp_hub_active_operations", &[("agent", agent)]);
            active == Some(f64::from(count))
        });
    }

    /// A scrape at a quiet moment.
    pub(crate) fn scrape_when_quiet(&self) -> Scrape {
        let mut scrape = Scrape::default();
        eventually("no operation is active", || {
            scrape = self.scrape();
            scrape.sum("mcp_hub_active_operations", &[]) == 0.0
        });
        scrape
    }
}
