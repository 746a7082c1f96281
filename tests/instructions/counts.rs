//! Instruction counts of tracked calls, measured with callgrind. Unlike time, they do not depend on
//! the load of the machine.
//!
//! The expected counts are in `counts.tsv`, for x86-64 with a time stamp counter that quanta trusts.
//! `MCP_METRICS_TESTS_BLESS=1` updates them, after an intended change or for another compiler.
//! Without valgrind the test is skipped, unless `MCP_METRICS_TESTS_REQUIRE` is set.

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
/// A line per kind: its name, a tab, the count.
const EXPECTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/counts.tsv");
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
fn instruction_counts_match_the_expected_ones() {
    let Some(valgrind) = tools::found("valgrind", Path::new("valgrind")) else {
        return;
    };
    let program = built();
    let counts = KINDS.map(|kind| (kind, count(&valgrind, &program, kind)));
    if env::var_os(BLESS).is_some() {
        let lines = counts.map(|(kind, count)| format!("{kind}\t{count:.0}\n"));
        fs::write(EXPECTED, lines.concat()).expect("the expected counts can be written");
        return;
    }
    let expected = fs::read_to_string(EXPECTED).expect("the expected counts can be read");
    let mut wrong = String::new();
    for (kind, count) in counts {
        let mut lines = expected.lines().filter_map(|line| line.split_once('\t'));
        let expected = lines.find_map(|(name, count)| (name == kind).then_some(count));
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
