//! A program whose system metrics the end-to-end tests observe: `system_program DISK_PATH
//! INTERVAL_MS`. It obeys the commands on its standard input until that ends:
//!
//! - `scrape` prints the metrics;
//! - `log` prints the captured log;
//! - `run COMMAND` runs a shell command, in the mount namespace of this program;
//! - `shutdown` shuts down the exporter.
//!
//! Each response ends with the line `# END`.

use std::io;
use std::process::Command;
use std::time::Duration;

use mcp_metrics::Exporter;
use mcp_metrics_tests::log;

fn main() {
    log::capture();
    let mut arguments = std::env::args().skip(1);
    let disk_path = arguments.next().expect("a path");
    let interval = arguments.next().expect("an interval");
    let interval = Duration::from_millis(interval.parse().expect("milliseconds"));
    let exporter = Exporter::builder()
        .disk_path(disk_path)
        .system_interval(interval)
        .install()
        .expect("a valid configuration");
    println!("# END");
    for line in io::stdin().lines() {
        let line = line.expect("text");
        match line.split_once(' ') {
            Some(("run", command)) => {
                let status = Command::new("sh").args(["-c", command]).status();
                println!("{}", status.expect("a shell"));
            }
            _ if line == "scrape" => print!("{}", exporter.render()),
            _ if line == "log" => log::lines("").iter().for_each(|line| println!("{line}")),
            _ if line == "shutdown" => drop(exporter.shutdown()),
            _ => panic!("unknown command: {line}"),
        }
        println!("# END");
    }
}
