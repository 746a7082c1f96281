//! Compares texts with the golden files, or rewrites these.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");
const BLESS: &str = "MCP_METRICS_TESTS_BLESS";

/// Compares each text with the golden file of this name, or writes the files if [`BLESS`] is set.
///
/// # Panics
///
/// If a text differs, with the differing lines of all files.
#[track_caller]
pub(crate) fn with_golden_files(files: &[(&str, String)]) {
    let mut report = String::new();
    for (name, actual) in files {
        let path = Path::new(DIRECTORY).join(name);
        if env::var_os(BLESS).is_some() {
            fs::write(&path, actual).expect("the golden file can be written");
            continue;
        }
        // A missing file differs in every line.
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected != *actual {
            let _ = writeln!(report, "--- {}\n+++ this run", path.display());
            write_diff(&mut report, &lines(&expected), &lines(actual));
        }
    }
    assert!(
        report.is_empty(),
        "the output differs from the golden files:\n{report}\nIf the change is intended, run once \
         with {BLESS}=1."
    );
}

/// Splits a text into lines with their ends, so that a missing last line feed is a difference.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Writes the removed and added lines, each run of them below its line numbers.
fn write_diff(report: &mut String, old: &[&str], new: &[&str]) {
    let lengths = common_lengths(old, new);
    let (mut i, mut j, mut in_run) = (0, 0, false);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j, in_run) = (i + 1, j + 1, false);
            continue;
        }
        if !in_run {
            let _ = writeln!(report, "@@ -{} +{} @@", i + 1, j + 1);
            in_run = true;
        }
        let removes = j == new.len() || i < old.len() && lengths[i + 1][j] >= lengths[i][j + 1];
        let (sign, line) = if removes {
            i += 1;
            ('-', old[i - 1])
        } else {
            j += 1;
            ('+', new[j - 1])
        };
        let _ = writeln!(report, "{sign}{}", line.strip_suffix('\n').unwrap_or(line));
    }
}

/// Returns the length of the longest common subsequence of `old[i..]` and `new[j..]`, at `[i][j]`.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut lengths = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i][j] = if old[i] == new[j] {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    lengths
}
