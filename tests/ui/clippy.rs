//! The lints of clippy fire as they do without the attributes, except for the documented ones.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// A line and the lint that fires there.
type Fired = BTreeSet<(u64, String)>;

const DOCS: &str = include_str!("../../mcp-metrics-macros/docs/tracked.md");
const FUNCTIONS: &str = include_str!("clippy/functions.rs");
const LOST: &str = include_str!("clippy/lost.rs");
const STREAMS: &str = include_str!("clippy/streams.rs");

/// Writes a package with these binaries, runs clippy on it, and returns its messages.
fn clippy(name: &str, binaries: &[(&str, String)]) -> Vec<Value> {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let runtime = root.join("mcp-metrics");
    let runtime = runtime.to_str().expect("a path in UTF-8");
    let mut manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         mcp-metrics = {{ path = {runtime:?}, default-features = false, features = [\"retry\", \
         \"stream\"] }}\n\
         futures-core = {{ version = \"0.3\", default-features = false }}\n"
    );
    for (binary, code) in binaries {
        write!(
            manifest,
            "\n[[bin]]\nname = {binary:?}\npath = \"{binary}.rs\"\n"
        )
        .expect("a String");
        write_file(&package.join(format!("{binary}.rs")), code);
    }
    write_file(&package.join("Cargo.toml"), &manifest);
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))
        .expect("the lock file can be copied");
    let output = Command::new(env!("CARGO"))
        .args([
            "clippy",
            "--offline",
            "--keep-going",
            "--message-format=json",
        ])
        .current_dir(&package)
        .env("CARGO_TARGET_DIR", target())
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs");
    let messages: Vec<Value> = String::from_utf8(output.stdout)
        .expect("JSON is UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("cargo writes JSON"))
        .collect();
    let finished = messages
        .iter()
        .any(|message| message["reason"] == "build-finished");
    assert!(finished, "{}", String::from_utf8_lossy(&output.stderr));
    messages
        .into_iter()
        .filter(|message| message["reason"] == "compiler-message")
        .collect()
}

/// Returns the target folder of the workspace, whose dependencies are already built.
fn target() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    target.expect("it is in the target folder").to_owned()
}

/// Writes a file unless it has the content: cargo checks a changed file again.
fn write_file(path: &Path, content: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == content) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file in a folder")).expect("the folder is created");
    fs::write(path, content).expect("the file is written");
}

/// Returns the code with another attribute in place of those of the crate.
fn plain(code: &str) -> String {
    let is_own = |line: &str| line.trim_start().starts_with("#[tracked");
    code.lines()
        .map(|line| {
            if is_own(line) {
                "#[rustfmt::skip]\n".to_owned()
            } else {
                format!("{line}\n")
            }
        })
        .collect()
}

/// Returns the lints that fire in a binary, with their lines.
fn fired(messages: &[Value], binary: &str) -> Vec<(u64, String)> {
    let messages = messages
        .iter()
        .filter(|message| message["target"]["name"] == binary);
    messages
        .map(|message| &message["message"])
        .filter(|message| !message["spans"].as_array().is_none_or(Vec::is_empty))
        .map(|message| {
            let lint = message["code"]["code"].as_str();
            let lint = lint.unwrap_or_else(|| panic!("{}", message["rendered"]));
            let spans = message["spans"].as_array().expect("a list");
            let span = spans.iter().find(|span| span["is_primary"] == true);
            let at = span.expect("a primary span")["line_start"].as_u64();
            (at.expect("a number"), lint.to_owned())
        })
        .collect()
}

/// Returns the lints that fire more often in `left` than in `right`.
fn difference(left: &[(u64, String)], right: &[(u64, String)]) -> Fired {
    let count =
        |fired: &[(u64, String)], one: &(u64, String)| fired.iter().filter(|it| *it == one).count();
    let differs = |one: &&(u64, String)| count(left, one) > count(right, one);
    left.iter().filter(differs).cloned().collect()
}

/// Returns the lints in comments that start with `// <what>: `, with the number of their line. A
/// comment that starts its line is about the line below.
fn annotated(code: &str, what: &str) -> Fired {
    let mark = format!("// {what}: ");
    let mut found = Fired::new();
    for (line, number) in code.lines().zip(1..) {
        if let Some((before, lints)) = line.split_once(&mark) {
            let number = number + u64::from(before.trim().is_empty());
            found.extend(lints.split(", ").map(|lint| (number, lint.to_owned())));
        }
    }
    found
}

/// Returns the lints in the first column of the documentation's table.
fn documented() -> BTreeSet<String> {
    let section = DOCS
        .split_once("\n# Lints\n")
        .expect("a section on lints")
        .1;
    let section = section.split("\n# ").next().expect("a first part");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').nth(1).expect("a first cell"));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

#[test]
fn lints_on_tracked_functions_fire_as_on_plain_ones() {
    check("functions", FUNCTIONS);
}

#[test]
fn lints_on_functions_whose_request_ends_with_a_stream_fire_as_on_plain_ones() {
    check("streams", STREAMS);
}

#[test]
fn lost_lints_fire_on_plain_functions_only() {
    check("lost", LOST);
}

/// Checks that the lints that differ with and without the attributes are those in the comments.
fn check(name: &str, code: &str) {
    let binaries = [("with", code.to_owned()), ("without", plain(code))];
    let messages = clippy(&format!("clippy-{name}"), &binaries);
    let [with, without] = ["with", "without"].map(|binary| fired(&messages, binary));
    assert!(without.len() > 20, "{name}: {without:?}");
    let found = [difference(&without, &with), difference(&with, &without)];
    let expected = ["lost", "new"].map(|what| annotated(code, what));
    assert_eq!(found, expected, "{name}: lost and new lints");
}

#[test]
fn lost_lints_are_documented() {
    let documented = documented();
    let lints = [FUNCTIONS, LOST, STREAMS].map(|code| annotated(code, "lost"));
    let lost: BTreeSet<String> = lints.into_iter().flatten().map(|(_, lint)| lint).collect();
    assert!(lost.len() > 10);
    let missing: Vec<_> = lost.difference(&documented).collect();
    assert!(missing.is_empty(), "undocumented: {missing:?}");
    let untested: Vec<_> = documented.difference(&lost).collect();
    assert!(
        untested.is_empty(),
        "documented, but not lost in any test: {untested:?}"
    );
}

#[test]
fn expectation_of_a_lost_lint_is_never_unfulfilled() {
    let mut code = "#![deny(warnings)]\n#![warn(clippy::all, clippy::allow_attributes)]\n\
                    use mcp_metrics::{tracked, tracked_execution, tracked_retry};\n\
                    fn main() {}\n"
        .to_owned();
    let attributes = [
        "tracked(\"a\")",
        "tracked_execution",
        "tracked_retry(\"a\", attempts = 2)",
    ];
    for (at, lint) in documented().iter().enumerate() {
        let attribute = attributes[at % attributes.len()];
        let expect = format!("#[expect({lint}, reason = \"a test\")]");
        let (above, below, vis) = match at % 3 {
            0 => (expect, String::new(), "pub"),
            1 => (String::new(), expect, "pub"),
            // Private, so that the other lint fires.
            _ => {
                let both = format!("#[cfg_attr(all(), expect(dead_code, {lint}))]");
                (String::new(), both, "")
            }
        };
        writeln!(
            code,
            "pub mod m{at} {{ use super::*;\n{above}\n#[{attribute}]\n{below}\n{vis} fn \
             f() -> Result<u8, String> {{ std::env::var(\"x\").map(|_| 1).map_err(|error| \
             error.to_string()) }} }}"
        )
        .expect("a String");
    }
    let messages = clippy("clippy-expectations", &[("expectations", code)]);
    let fired = fired(&messages, "expectations");
    assert!(fired.is_empty(), "{fired:?}");
}

#[test]
fn expectation_of_another_lint_remains() {
    let code = "use mcp_metrics::tracked;\nfn main() { drop(f()); }\n#[tracked(\"a\")]\n\
                #[expect(clippy::unused_async, clippy::print_stdout)]\n\
                async fn f() {}\n";
    let messages = clippy("clippy-unfulfilled", &[("unfulfilled", code.to_owned())]);
    let unfulfilled = (4, "unfulfilled_lint_expectations".to_owned());
    assert_eq!(fired(&messages, "unfulfilled"), [unfulfilled]);
}
