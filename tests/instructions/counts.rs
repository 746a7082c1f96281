//! Instruction counts of tracked calls, measured with callgrind. Unlike time, they do not depend on
//! the load of the machine.
//!
//! The expected numbers are the table in the benchmarks' document, for x86-64 with a time stamp
//! counter that quanta trusts. `MCP_METRICS_TESTS_BLESS=1` updates them, after an intended change
//! or for another compiler. Without valgrind the test is skipped, unless
//! `MCP_METRICS_TESTS_REQUIRE` is set.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use mcp_metrics_tests::tools;

const KINDS: [&str; 7] = [
    "untracked",
    "literal labels",
    "async",
    "failing",
    "chosen labels",
    "no recorder",
    "another recorder",
];
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/BENCHMARKS.md");
/// The header of the table.
const HEAD: &str = "| a call | instructions |\n|---|--:|\n";
const BLESS: &str = "MCP_METRICS_TESTS_BLESS";
const CALLS: u32 = 2_000;
/// The tolerated difference, relative to the expected count.
const TOLERANCE: f64 = 0.05;
/// The tolerated difference in instructions, for small counts.
const LEAST: f64 = 3.0;

#[test]
#[cfg_attr(
    not(target_arch = "x86_64"),
    ignore = "the expected counts are for x86-64"
)]
fn instruction_counts_match_the_document() {
    let Some(valgrind) = tools::found("valgrind", Path::new("valgrind")) else {
        return;
    };
    let program = built();
    let counts = KINDS.map(|kind| (kind, count(&valgrind, &program, kind)));
    let document = fs::read_to_string(DOCUMENT).expect("the document can be read");
    let (before, rest) = document
        .split_once(HEAD)
        .expect("the document has the table");
    let (table, after) = rest.split_once("\n\n").expect("text follows the table");
    if env::var_os(BLESS).is_some() {
        let rows = counts.map(|(kind, count)| format!("| {kind} | {count:.0} |"));
        let text = [before, HEAD, &rows.join("\n"), "\n\n", after].concat();
        fs::write(DOCUMENT, text).expect("the document can be written");
        return;
    }
    let mut wrong = String::new();
    for (kind, count) in counts {
        let begin = format!("| {kind} | ");
        let mut rows = table.lines();
        let expected = rows.find_map(|row| row.strip_prefix(&begin)?.strip_suffix(" |"));
        let expected: f64 = expected.and_then(|count| count.parse().ok()).unwrap_or(0.0);
        if (count - expected).abs() > (expected * TOLERANCE).max(LEAST) {
            let _ = writeln!(wrong, "{kind}: {count:.1}, expected {expected:.1}");
        }
    }
    assert!(
        wrong.is_empty(),
        "instructions per call differ:\n{wrong}If the change is intended, run once with {BLESS}=1."
    );
}

/// Builds the program with optimisation, and returns its path.
fn built() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--release", "--target-dir"])
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(status.expect("cargo runs").success());
    target.join("release/instructions")
}

/// Returns the instructions per call of this kind.
fn count(valgrind: &Path, program: &Path, kind: &str) -> f64 {
    let counts = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("callgrind {kind}"));
    let output = Command::new(valgrind)
        .args(["--tool=callgrind", "--toggle-collect=*measured*"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(program)
        .args([kind, &CALLS.to_string()])
        .output()
        .expect("valgrind runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{kind}: {errors}");
    let text = fs::read_to_string(&counts).expect("callgrind writes its counts");
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total: f64 = total
        .and_then(|total| total.trim().parse().ok())
        .unwrap_or(0.0);
    total / f64::from(CALLS)
}
