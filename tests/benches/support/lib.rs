//! Options, medians, bars, and sums of exported samples.

use std::process::{Command, ExitCode};
use std::str::FromStr;

/// Returns the value that follows `name` on the command line.
///
/// # Panics
///
/// If the value can't be parsed.
#[must_use]
pub fn option<T: FromStr>(name: &str) -> Option<T> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.next()?;
    let value = arguments.next().unwrap_or_default();
    let parsed = value.parse().ok();
    assert!(parsed.is_some(), "{name}: invalid value `{value}`");
    parsed
}

/// Returns whether the environment variable `QUICK` requests a short run with fewer and smaller
/// measurements.
#[must_use]
pub fn quick() -> bool {
    std::env::var("QUICK").is_ok_and(|value| !value.is_empty() && value != "0")
}

/// An upper bound for a measured value.
#[derive(Debug)]
pub struct Bar {
    /// Name of the value.
    pub what: String,
    /// Upper bound.
    pub most: f64,
    /// Measured value.
    pub measured: f64,
}

/// Prints which bars are met. Returns a failure only with `--check`, because a busy machine can
/// miss bars that an idle one meets.
#[must_use]
pub fn verdict(bars: &[Bar]) -> ExitCode {
    println!("\n## Bars\n");
    println!("| what | at most | measured | |");
    println!("|---|--:|--:|---|");
    let mut missed = false;
    for bar in bars {
        // The table has two decimals, and so has the comparison.
        let met = (bar.measured * 100.0).round() <= (bar.most * 100.0).round();
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

/// Returns the median, or NaN without values.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Returns the sum of the samples called `name` in `text`, in Prometheus' text format, that have
/// all of `labels`.
#[must_use]
pub fn sum(text: &str, name: &str, labels: &[(&str, &str)]) -> f64 {
    let wanted: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    text.lines()
        .filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            match rest.strip_prefix('{') {
                Some(labels) => labels.split_once('}'),
                None => rest.starts_with(' ').then_some(("", rest)),
            }
        })
        .filter(|(labels, _)| wanted.iter().all(|label| labels.contains(label)))
        .filter_map(|(_, value)| value.trim().parse::<f64>().ok())
        .sum()
}

/// Runs this program in a new process with these arguments, and returns the numbers that it prints.
/// The process shares no memory with earlier measurements.
///
/// # Panics
///
/// If the process fails.
#[must_use]
pub fn in_own_process(arguments: &[&str]) -> Vec<f64> {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("this program can be run");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers = text.split_whitespace();
    numbers
        .map(|number| number.parse().expect("a number"))
        .collect()
}

/// Converts a count.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
#[must_use]
pub const fn float(count: usize) -> f64 {
    count as f64
}

/// Returns the resident memory of this process in bytes, or NaN without `/proc`.
#[must_use]
pub fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kibibytes.unwrap_or(f64::NAN) * 1024.0
}
