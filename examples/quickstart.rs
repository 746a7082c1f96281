//! A minimal program: installs the exporter, calls a tracked function and prints its metrics.
//!
//! `cargo run --bin quickstart`

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use mcp_metrics::{Exporter, tracked};

/// Adds the numbers in a text such as `1 2 3`.
#[tracked("calculator", "sum")]
fn sum(numbers: &str) -> Result<i64, std::num::ParseIntError> {
    numbers.split_whitespace().map(str::parse::<i64>).sum()
}

fn main() -> Result<(), Box<dyn Error>> {
    let exporter = Exporter::builder()
        .app("quickstart", env!("CARGO_PKG_VERSION"))
        .listen(([127, 0, 0, 1], 0)) // any free port
        .install()?;
    let address = exporter
        .local_addr()
        .ok_or("the exporter has no listener")?;

    println!("1 2 3 sum to {:?}", sum("1 2 3"));
    println!("1 two 3 sum to {:?}", sum("1 two 3"));

    println!("\nMetrics that Prometheus scrapes from http://{address}/metrics:\n");
    for line in scrape(address)?
        .lines()
        .filter(|line| line.contains("calculator"))
    {
        println!("{line}");
    }
    exporter.shutdown();
    Ok(())
}

/// Scrapes the endpoint over plain HTTP, as Prometheus does.
fn scrape(address: std::net::SocketAddr) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address)?;
    write!(
        connection,
        "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut response = String::new();
    connection.read_to_string(&mut response)?;
    Ok(response)
}
