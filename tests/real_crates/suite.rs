//! Builds and runs the tests of a workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::layout::Workspace;
use crate::rejections::Rejection;
use crate::source::{self, Source, cargo};
use crate::targets::Position;

/// Crates with their results without the attribute.
#[derive(Debug)]
pub(crate) struct Untouched {
    /// The crates that build.
    pub(crate) sources: Vec<Source>,
    /// Their results.
    pub(crate) reports: Vec<Report>,
    /// The crates that do not build, with the compiler's messages.
    pub(crate) broken: Vec<String>,
}

/// The results of building and testing a crate.
#[derive(Debug)]
pub(crate) struct Report {
    /// The last build.
    pub(crate) build: Build,
    /// The functions on which the attribute does not compile.
    pub(crate) rejections: Vec<Rejection>,
    /// The tests and programs with their results.
    pub(crate) tests: BTreeSet<String>,
    /// How long the builds took.
    pub(crate) building: Duration,
    /// How long the tests took.
    pub(crate) testing: Duration,
}

/// The results of building a crate.
#[derive(Debug, Default)]
pub(crate) struct Build {
    /// The compiler's messages by position, level and text.
    pub(crate) messages: BTreeMap<String, Diagnostic>,
    /// Whether everything was built.
    pub(crate) succeeded: bool,
}

impl Build {
    /// Returns the compiler's errors.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.messages.values().filter(|message| message.is_error)
    }
}

impl Untouched {
    /// Builds and runs the tests of crates in a workspace of this unique name. Returns `None` if
    /// dependencies are unavailable and not required.
    pub(crate) fn run(name: &str, sources: Vec<Source>) -> Option<Self> {
        let (_, reports) = Workspace::run_new(name, &sources, None)?;
        let mut untouched = Self {
            sources: Vec::new(),
            reports: Vec::new(),
            broken: Vec::new(),
        };
        for (source, report) in sources.into_iter().zip(reports) {
            if report.build.succeeded {
                untouched.sources.push(source);
                untouched.reports.push(report);
            } else {
                let errors = report.build.errors().map(|error| error.rendered.as_str());
                let errors: String = errors.collect();
                let name = source.name;
                let broken = format!("{name} does not build untouched\n{errors}");
                untouched.broken.push(broken);
            }
        }
        Some(untouched)
    }
}

impl Workspace {
    /// Lays out a workspace, and builds and runs the tests of all members. Returns `None` if
    /// dependencies are unavailable and not required.
    pub(crate) fn run_new(
        name: &str,
        sources: &[Source],
        position: Option<Position>,
    ) -> Option<(Self, Vec<Report>)> {
        let mut workspace = Self::lay_out(name, sources, position);
        if !source::resolve(&workspace.root) {
            return None;
        }
        let members = 0..workspace.members.len();
        let reports = members.map(|index| workspace.run_member(index)).collect();
        Some((workspace, reports))
    }

    /// Builds and runs the tests of the member at this index.
    fn run_member(&mut self, index: usize) -> Report {
        let start = Instant::now();
        let (build, rejections) = self.build_without_rejected(index);
        let building = start.elapsed();
        let start = Instant::now();
        let tests = if build.succeeded {
            self.test(index)
        } else {
            BTreeSet::new()
        };
        Report {
            build,
            rejections,
            tests,
            building,
            testing: start.elapsed(),
        }
    }

    /// Builds the tests of the member at this index.
    pub(crate) fn build(&self, index: usize) -> Build {
        let output = self
            .cargo_test(index)
            .args(["--no-run", "--message-format=json"])
            .stderr(Stdio::null())
            .output()
            .expect("cargo runs");
        let folder = &self.members[index].folder;
        let manifest = self.root.join(folder).join("Cargo.toml");
        let mut build = Build {
            succeeded: output.status.success(),
            ..Build::default()
        };
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let of = line["manifest_path"].as_str();
            if of.is_some_and(|of| Path::new(of) == manifest)
                && let Some(message) = Diagnostic::read(&line, folder)
            {
                build.messages.insert(message.key.clone(), message);
            }
        }
        build
    }

    /// Runs the tests of the member at this index. Returns them with their results.
    fn test(&self, index: usize) -> BTreeSet<String> {
        // One pipe for both streams, because cargo prints the programs to stderr, and the tests
        // print to stdout.
        let (mut output, stdout) = io::pipe().expect("a pipe can be created");
        let stderr = stdout.try_clone().expect("a pipe can be duplicated");
        let mut cargo = self.cargo_test(index);
        cargo.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let mut running = cargo.spawn().expect("cargo runs");
        // It keeps the pipe open.
        drop(cargo);
        let mut bytes = Vec::new();
        output
            .read_to_end(&mut bytes)
            .expect("the output can be read");
        running.wait().expect("cargo was started");
        results(&String::from_utf8_lossy(&bytes))
    }

    /// Returns a command that tests the member at this index.
    fn cargo_test(&self, index: usize) -> Command {
        let mut cargo = cargo(&self.root.join(&self.members[index].folder), "test");
        cargo.args(["--tests", "--no-fail-fast", "--offline"]);
        cargo
    }
}

/// Returns the tests and programs with their results from the output of `cargo test`.
fn results(output: &str) -> BTreeSet<String> {
    let mut running = "";
    let mut results = BTreeSet::new();
    for line in output.lines() {
        if let Some(program) = line.trim_start().strip_prefix("Running ") {
            running = program.split_once(" (").map_or(program, |(name, _)| name);
            results.insert(format!("{running}: started"));
        } else if let Some(test) = line.strip_prefix("test ")
            && test.contains(" ... ")
        {
            results.insert(format!("{running}: {test}"));
        } else if line.starts_with("    `") {
            // A program that failed, possibly without naming a test: "`-p url --test wpt`".
            results.insert(format!("failed: {}", line.trim()));
        }
    }
    results
}
