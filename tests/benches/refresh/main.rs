//! Runs benchmarks and writes their tables into `BENCHMARKS.md`.
//!
//! ```sh
//! cargo run -p mcp-metrics-benches --bin refresh              # all benchmarks
//! cargo run -p mcp-metrics-benches --bin refresh calls scrape # some benchmarks
//! QUICK=1 cargo run -p mcp-metrics-benches --bin refresh      # short runs, to check the tables
//! ```
//!
//! The calls are measured with the profiles `release` and `bench`, which has LTO; all else with
//! `release`.

mod tables;

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use tables::{merge, refreshed, tables};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/BENCHMARKS.md");
const BENCHMARKS: [&str; 4] = ["calls", "scrape", "memory", "compile"];

fn main() {
    let chosen: Vec<String> = env::args().skip(1).collect();
    for name in &chosen {
        assert!(
            BENCHMARKS.contains(&name.as_str()),
            "unknown benchmark `{name}`: expected one of {BENCHMARKS:?}"
        );
    }
    for name in BENCHMARKS {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            let plain = tables(&output(name, "release"));
            let lto = (name == "calls").then(|| tables(&output(name, "bench")));
            let document = fs::read_to_string(DOCUMENT).expect("the document can be read");
            let refreshed = refreshed(&document, &merge(plain, lto));
            fs::write(DOCUMENT, refreshed).expect("the document can be written");
        }
    }
}

/// Runs a benchmark, and returns and prints its output.
fn output(benchmark: &str, profile: &str) -> String {
    println!("\n{benchmark}, profile {profile}\n");
    let output = Command::new(env!("CARGO"))
        .args(["bench", "--locked", "--bench", benchmark])
        .args(["--profile", profile])
        .current_dir(Path::new(DOCUMENT).parent().expect("a file has a folder"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be run");
    let text = String::from_utf8(output.stdout).expect("the output is UTF-8");
    print!("{text}");
    assert!(
        output.status.success(),
        "{benchmark}, profile {profile}: failed"
    );
    text
}
