//! Builds and runs the tests of a workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::layout::Workspace;
use crate::source::cargo;

/// The results of building and testing a workspace.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The rendered compiler messages, by position, level and text.
    pub(crate) messages: BTreeMap<String, String>,
    /// The tests with their results.
    pub(crate) tests: BTreeSet<String>,
    /// Whether everything was built.
    pub(crate) built: bool,
}

impl Workspace {
    /// Builds and runs all tests.
    pub(crate) fn run(&self) -> Report {
        let mut report = Report::default();
        let mut programs = BTreeMap::new();
        let built = cargo(&self.root, "test")
            .args([
                "--workspace",
                "--tests",
                "--no-run",
                "--no-fail-fast",
                "--offline",
            ])
            .arg("--message-format=json")
            .stderr(Stdio::null())
            .output()
            .expect("cargo runs");
        for line in String::from_utf8_lossy(&built.stdout).lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            if let Some(package) = self.member(&line) {
                if let Some(program) = line["executable"].as_str() {
                    programs.insert(program.to_owned(), package.to_owned());
                }
                report.message(&line, &self.folder());
            }
        }
        report.built = built.status.success();
        if report.built {
            report.tests = self.tests(&programs);
        }
        report
    }

    /// Returns the member that a message of cargo is about.
    fn member(&self, line: &Value) -> Option<&str> {
        let package = line["manifest_path"].as_str()?;
        let names = self.members.iter().map(|(name, _)| name.as_str());
        let folder = self.root.join(self.name);
        names
            .into_iter()
            .find(|name| Path::new(package) == folder.join(name).join("Cargo.toml"))
    }

    /// Returns the prefix of paths in the folder of the crates.
    fn folder(&self) -> String {
        format!("{}/", self.name)
    }

    /// Runs all tests. `programs` maps test programs to their packages.
    fn tests(&self, programs: &BTreeMap<String, String>) -> BTreeSet<String> {
        let log = self.root.join("tests.log");
        let file = File::create(&log).expect("the log can be created");
        // One file for both streams, because cargo prints the programs to stderr, and the tests
        // print to stdout.
        let both = [file.try_clone().expect("a file can be duplicated"), file];
        let [stdout, stderr] = both;
        cargo(&self.root, "test")
            .args(["--workspace", "--tests", "--no-fail-fast", "--offline"])
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .status()
            .expect("cargo runs");
        let output = fs::read(log).expect("the log can be read");
        let output = String::from_utf8_lossy(&output).into_owned();
        let mut running = String::new();
        let mut tests = BTreeSet::new();
        for line in output.lines() {
            if let Some(program) = line.trim_start().strip_prefix("Running ") {
                let (name, path) = program.split_once(" (").unwrap_or((program, ""));
                let package = programs.get(path.trim_end_matches(')'));
                running = format!("{} {name}", package.map_or("?", String::as_str));
            } else if let Some(name) = line.trim_start().strip_prefix("Doc-tests ") {
                running = format!("{name} docs");
            } else if let Some(test) = line.strip_prefix("test ")
                && test.contains(" ... ")
            {
                tests.insert(format!("{running}: {test}").replacen(&self.folder(), "", 1));
            }
        }
        tests
    }
}

impl Report {
    /// Adds a compiler message about a crate in `folder`.
    fn message(&mut self, line: &Value, folder: &str) {
        let message = &line["message"];
        let Some(text) = message["message"].as_str() else {
            return;
        };
        let spans = message["spans"].as_array();
        let primary = spans.and_then(|all| all.iter().find(|span| span["is_primary"] == true));
        let Some(span) = primary else {
            // A summary, or a note about a lint group.
            return;
        };
        let level = message["level"].as_str().unwrap_or_default();
        let file = span["file_name"].as_str().unwrap_or_default();
        let file = file.strip_prefix(folder).unwrap_or(file);
        let at = &span["line_start"];
        let shown = message["rendered"].as_str().unwrap_or_default();
        self.messages
            .insert(format!("{file}:{at}: {level}: {text}"), shown.to_owned());
    }
}
