//! Runs benchmarks and writes the tables that they print into `BENCHMARKS.md`.
//!
//! ```sh
//! cargo run -p mcp-metrics-benches --bin refresh              # all of them
//! cargo run -p mcp-metrics-benches --bin refresh calls scrape # some
//! ```
//!
//! A table takes the place of the one with the same header, or, where there are several, of the one
//! with the same number among them. Of the bars, each row takes the place of the one that begins
//! like it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/BENCHMARKS.md");
const BENCHMARKS: [&str; 4] = ["calls", "scrape", "memory", "compile"];
const BARS: &str = "| what | at most | measured | |";

/// Lines of a table, of which the first is its header, or of a text without one.
type Table = Vec<String>;

fn main() {
    let chosen: Vec<String> = env::args().skip(1).collect();
    for name in &chosen {
        assert!(
            BENCHMARKS.contains(&name.as_str()),
            "{name}: one of {BENCHMARKS:?}"
        );
    }
    for name in BENCHMARKS {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            let document = fs::read_to_string(DOCUMENT).expect("the document can be read");
            let refreshed = refreshed(&document, &output(name));
            fs::write(DOCUMENT, refreshed).expect("the document can be written to");
        }
    }
}

/// What a benchmark prints, which is shown as well.
fn output(benchmark: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["bench", "--locked", "--bench", benchmark])
        .current_dir(Path::new(DOCUMENT).parent().expect("it is in a folder"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    print!("{text}");
    assert!(output.status.success(), "{benchmark} failed");
    text
}

/// The tables of a text, and what stands between them.
fn blocks(text: &str) -> Vec<Table> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let blocks = lines.chunk_by(|a, b| is_row(a) == is_row(b));
    blocks.map(<[String]>::to_vec).collect()
}

fn is_row(line: &str) -> bool {
    line.starts_with('|')
}

/// The document with the tables that were printed.
fn refreshed(document: &str, printed: &str) -> String {
    let mut document = blocks(document);
    let mut printed = blocks(printed);
    printed.retain(|block| is_row(&block[0]));
    for (number, table) in printed.iter().enumerate() {
        let alike = |other: &Table| other[0] == table[0];
        let place = printed[..number].iter().filter(|it| alike(it)).count();
        let Some(old) = document.iter_mut().filter(|it| alike(it)).nth(place) else {
            panic!("there is no place for this table:\n{}", table.join("\n"));
        };
        *old = match &*table[0] {
            BARS => with_rows(old, &table[2..]),
            _ => table.clone(),
        };
    }
    document.concat().join("\n") + "\n"
}

/// The table with these rows, each of them in place of the one that begins like it.
fn with_rows(table: &Table, rows: &[String]) -> Table {
    let mut table = table.clone();
    for row in rows {
        let what = |row: &str| row.split('|').nth(1).map(str::to_owned);
        match table.iter_mut().find(|old| what(old) == what(row)) {
            Some(old) => old.clone_from(row),
            None => table.push(row.clone()),
        }
    }
    table
}
