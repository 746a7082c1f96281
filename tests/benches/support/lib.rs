//! What the benchmarks share: options, medians, and a look at what was exported.

use std::process::{Command, ExitCode};
use std::str::FromStr;

/// The value that follows `--name` on the command line.
///
/// # Panics
///
/// If it can't be parsed.
#[must_use]
pub fn option<T: FromStr>(name: &str) -> Option<T> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.next()?;
    let value = arguments.next().unwrap_or_default();
    let parsed = value.parse().ok();
    assert!(parsed.is_some(), "{name} {value}: what value is that?");
    parsed
}

/// A bar: what was aimed at, what was measured.
#[derive(Debug)]
pub struct Bar {
    /// What is measured.
    pub what: String,
    /// What it may be at most.
    pub most: f64,
    /// What it is.
    pub measured: f64,
}

/// Prints which bars are met. The program fails only if it was told to check, for a busy machine
/// may miss bars that an idle one meets.
#[must_use]
pub fn verdict(bars: &[Bar]) -> ExitCode {
    println!("\n## Bars\n");
    println!("| what | at most | measured | |");
    println!("|---|--:|--:|---|");
    let mut missed = false;
    for bar in bars {
        let met = bar.measured <= bar.most;
        missed |= !met;
        let verdict = if met { "met" } else { "not met" };
        let Bar {
            what,
            most,
            measured,
        } = bar;
        println!("| {what} | {most} | {measured:.2} | {verdict} |");
    }
    if missed && std::env::args().any(|argument| argument == "--check") {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The value in the middle; not a number if there are none.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The sum of the samples called `name` in `text`, Prometheus' text format, that have all of
/// `labels`.
#[must_use]
pub fn sum(text: &str, name: &str, labels: &[(&str, &str)]) -> f64 {
    let wanted: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    text.lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix('{')?.split_once('}'))
        .filter(|(labels, _)| wanted.iter().all(|label| labels.contains(label)))
        .filter_map(|(_, value)| value.trim().parse::<f64>().ok())
        .sum()
}

/// Runs this program anew with these arguments, and returns the numbers that it prints: what is
/// measured there shares no memory with anything measured before.
///
/// # Panics
///
/// If it fails.
#[must_use]
pub fn in_own_process(arguments: &[&str]) -> Vec<f64> {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("it runs here, too");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers = text.split_whitespace();
    numbers
        .map(|number| number.parse().expect("a number"))
        .collect()
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "it is far below 2^52")]
#[must_use]
pub const fn float(count: usize) -> f64 {
    count as f64
}

/// The resident memory of this process, in bytes; not a number where there is no `/proc`.
#[must_use]
pub fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kibibytes.unwrap_or(f64::NAN) * 1024.0
}
