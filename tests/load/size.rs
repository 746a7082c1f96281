//! Sizes of exports by their number of series.

use std::{
    env,
    error::Error,
    net::SocketAddr,
    process::Command,
    time::{Duration, Instant},
};

use mcp_metrics::{Exporter, track_request};
use mcp_metrics_tests::http;

use crate::memory;

/// The numbers of series of the rows of [`table`].
const SIZES: [&str; 3] = ["10", "1000", "100000"];

/// The mode that prints one row. Each row runs in its own process, to measure its memory.
pub(crate) const ROW: &str = "size-row";

/// Prints a table of bytes, time and memory of exports of several sizes.
pub(crate) fn table() -> Result<(), Box<dyn Error>> {
    println!("series other than the exporter's own; bytes of a scrape; time of a scrape; memory");
    println!(
        "{:>8} {:>8} {:>10} {:>9} {:>9} {:>9} {:>8} {:>14}",
        "series", "samples", "text", "gzip", "zstd", "protobuf", "ms", "bytes/series"
    );
    for size in SIZES {
        let mut row = Command::new(env::current_exe()?);
        if !row.args([ROW, "--series", size]).status()?.success() {
            return Err(format!("the row for {size} series failed").into());
        }
    }
    Ok(())
}

/// Prints the row for an export of at least `series` series.
pub(crate) fn row(exporter: &Exporter, address: SocketAddr, series: usize) {
    let own = samples(&http::get(address, "/metrics").body);
    let before = memory();
    let mut calls = 0;
    while samples(&exporter.render()) < own + series {
        // Adds most of the missing series at once, because counting them renders the export.
        let missing = own + series - samples(&exporter.render());
        for _ in 0..missing.div_ceil(20) {
            track_request(format!("agent-{calls}"), "run").run(|| ());
            calls += 1;
        }
    }
    let text = http::get(address, "/metrics");
    let (grown, all) = ((memory() - before) * 1_048_576.0, samples(&text.body));
    let encoded = |name, value| {
        http::get_with(address, "/metrics", &[(name, value)])
            .bytes
            .len()
    };
    let protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^52")]
    let each = grown / (all - own) as f64;
    println!(
        "{:>8} {all:>8} {:>10} {:>9} {:>9} {:>9} {:>8.1} {each:>14.0}",
        all - own,
        text.bytes.len(),
        encoded("Accept-Encoding", "gzip"),
        encoded("Accept-Encoding", "zstd"),
        encoded("Accept", protobuf),
        median_time(|| http::get(address, "/metrics")).as_secs_f64() * 1e3,
    );
}

/// Returns the number of samples in a text.
fn samples(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).count()
}

/// Returns the median duration of eleven runs.
fn median_time<T>(mut run: impl FnMut() -> T) -> Duration {
    let mut times = [(); 11].map(|()| {
        let started = Instant::now();
        run();
        started.elapsed()
    });
    times.sort();
    times[5]
}
