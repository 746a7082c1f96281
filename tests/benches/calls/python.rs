//! Python's `prometheus_client`, if it is installed.

use std::path::Path;
use std::process::Command;

use mcp_metrics_benches::median;

use crate::measure::{Measure, ONE, TOGETHER};
use crate::requests::TRACKED;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/calls/python.py");
/// The virtual environment that `tests/run` creates.
const VENV: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.venv/bin/python");
const WAYS: [&str; 3] = [
    "Python, no tracking",
    "Python prometheus_client, kept children",
    "Python prometheus_client, labels() per call",
];
const ROUNDS: usize = 5;
const CALLS: u32 = 10_000;

/// Measures the same recordings in Python, in turns with mcp-metrics, and prints a table.
pub(crate) fn compare(measure: &mut Measure) {
    let Some(python) = python() else {
        println!("\nNo Python with prometheus_client was found.");
        return;
    };
    for threads in [&ONE, &TOGETHER] {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let tracked = measure.once(threads, &TRACKED, CALLS).time;
            let output = Command::new(&python)
                .arg(SCRIPT)
                .args([threads.callsites.len().to_string(), CALLS.to_string()])
                .output()
                .expect("python starts");
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{error}");
            let text = String::from_utf8_lossy(&output.stdout);
            let times: Vec<f64> = text
                .split_whitespace()
                .map(|time| time.parse().expect("a number"))
                .collect();
            rounds.push((tracked, times));
        }
        println!("\n## {}, in Python\n", threads.name);
        println!("| way | ns a call | tracked ÷ this |");
        println!("|---|--:|--:|");
        for (way, name) in WAYS.iter().enumerate() {
            let time = median(rounds.iter().map(|(_, times)| times[way]));
            let ratio = median(rounds.iter().map(|(tracked, times)| tracked / times[way]));
            println!("| {name} | {time:.0} | {ratio:.4} |");
        }
    }
}

fn python() -> Option<String> {
    let chosen = std::env::var("PYTHON").ok();
    let candidates = [chosen.as_deref(), Some(VENV), Some("python3")];
    let has_library = |python: &&str| {
        let mut command = Command::new(python);
        command.args(["-c", "import prometheus_client"]);
        (Path::new(python).exists() || !python.contains('/'))
            && command.output().is_ok_and(|output| output.status.success())
    };
    let found = candidates.into_iter().flatten().find(has_library);
    found.map(str::to_owned)
}
