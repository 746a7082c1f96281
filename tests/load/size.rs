//! What an export of some size weighs.

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

/// The numbers of series for which [`table`] has a line.
const SIZES: [&str; 3] = ["10", "1000", "100000"];

/// The argument for one line of it, which takes a process of its own, for its memory's sake.
pub(crate) const ROW: &str = "size-row";

/// Prints what exports of several sizes weigh.
pub(crate) fn table() -> Result<(), Box<dyn Error>> {
    println!("series beside the exporter's own; bytes of a scrape; time of a scrape; memory");
    println!(
        "{:>8} {:>8} {:>10} {:>9} {:>9} {:>9} {:>8} {:>14}",
        "series", "samples", "text", "gzip", "zstd", "protobuf", "ms", "bytes/series"
    );
    for size in SIZES {
        let mut row = Command::new(env::current_exe()?);
        if !row.args([ROW, "--series", size]).status()?.success() {
            return Err(format!("no line for {size}").into());
        }
    }
    Ok(())
}

/// Prints the line for an export of at least so many series, from as many functions as that takes.
pub(crate) fn row(exporter: &Exporter, address: SocketAddr, series: usize) {
    let own = samples(&http::get(address, "/metrics").body);
    let before = memory();
    let mut calls = 0;
    while samples(&exporter.render()) < own + series {
        // Nearly as many as are missing, so that it need not be looked at after each.
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

/// The number of samples in a text.
fn samples(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).count()
}

/// How long something takes, of eleven times.
fn median_time<T>(mut what: impl FnMut() -> T) -> Duration {
    let mut times = [(); 11].map(|()| {
        let began = Instant::now();
        what();
        began.elapsed()
    });
    times.sort();
    times[5]
}
