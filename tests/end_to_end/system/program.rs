//! `system_program` in a mount namespace of its own.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdout, Command, Stdio},
};

use mcp_metrics_tests::{Process, Scrape, eventually, tools};

/// The sampling interval of the program, in milliseconds: the shortest.
const INTERVAL: &str = "200";

/// A way to enter a mount namespace in which the program is root.
#[derive(Clone, Copy, Debug)]
pub(super) struct Namespace(&'static [&'static str]);

impl Namespace {
    /// Returns the first way that this system allows. Returns `None` if there is none and the test
    /// may be skipped.
    pub(super) fn find() -> Option<Self> {
        const WAYS: [&[&str]; 3] = [
            &["unshare", "--mount"],
            &["sudo", "--non-interactive", "unshare", "--mount"],
            &["unshare", "--map-root-user", "--mount"],
        ];
        let works = |way: &&[&str]| {
            let mut command = Command::new(way[0]);
            command.args(&way[1..]);
            command.args(["mount", "-t", "tmpfs", "none", "/mnt"]);
            let command = command.stdin(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let way = WAYS.into_iter().find(works);
        tools::found_if(way.is_some(), "a mount namespace").then_some(())?;
        way.map(Self)
    }
}

/// A running program.
#[derive(Debug)]
pub(super) struct Program {
    process: Process,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts the program in a namespace, after the shell command `prepare`. Waits until its
    /// exporter is installed. `trace` is the command line of a program that runs it.
    pub(super) fn start(
        namespace: Namespace,
        prepare: &str,
        trace: &[&str],
        disk_path: &str,
    ) -> Self {
        let Namespace(way) = namespace;
        let mut command = Command::new(way[0]);
        command
            .args(&way[1..])
            .args(["sh", "-ec", &format!("{prepare}\nexec \"$@\""), "sh"])
            .args(trace)
            .args([env!("CARGO_BIN_EXE_system_program"), disk_path, INTERVAL])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = Process::start("system_program", &mut command);
        let output = process.child.stdout.take().expect("a piped output");
        let output = BufReader::new(output);
        let mut program = Self { process, output };
        program.response();
        program
    }

    /// Runs a command of the program and returns its output.
    pub(super) fn ask(&mut self, command: &str) -> String {
        let input = self.process.child.stdin.as_mut().expect("a piped input");
        writeln!(input, "{command}").expect("a running program");
        self.response()
    }

    /// Runs a shell command in the program's namespace.
    pub(super) fn run(&mut self, command: &str) {
        let status = self.ask(&format!("run {command}"));
        assert_eq!(status, "exit status: 0\n", "{command}");
    }

    pub(super) fn scrape(&mut self) -> Scrape {
        Scrape::parse(&self.ask("scrape"))
    }

    /// Returns the value of a gauge of the hub.
    pub(super) fn gauge(&mut self, name: &str) -> Option<f64> {
        self.scrape().get(&format!("mcp_hub_{name}"), &[])
    }

    /// Waits until the disk metrics are present, or absent.
    pub(super) fn wait_for_disk(&mut self, present: bool) {
        let what = if present {
            "disk metrics"
        } else {
            "no disk metrics"
        };
        eventually(what, || {
            let scrape = self.scrape();
            let gauges = ["mcp_hub_disk_usage_percent", "mcp_hub_disk_free_bytes"];
            let found = gauges.map(|name| scrape.get(name, &[]).is_some());
            assert_eq!(found[0], found[1]);
            found[0] == present
        });
    }

    /// Returns the lines of the log that contain `text`.
    pub(super) fn log(&mut self, text: &str) -> Vec<String> {
        let log = self.ask("log");
        let lines = log.lines().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }

    /// Reads lines up to the end of a response.
    fn response(&mut self) -> String {
        let mut text = String::new();
        loop {
            let start = text.len();
            let read = self.output.read_line(&mut text).expect("UTF-8");
            assert!(read > 0, "the program ended: {}", self.process.log());
            if text[start..] == *"# END\n" {
                text.truncate(start);
                return text;
            }
        }
    }
}
