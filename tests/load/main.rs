//! Load tests of an exporter: the effect of the endpoint's clients on tracked calls.
//!
//! ```sh
//! cargo run --release -p mcp-metrics-tests --bin load -- storm
//! ```
//!
//! - `storm`: `wrk` with 64 connections
//! - `slow`: 2,000 clients that each send one byte per second
//! - `size`: sizes of 10 to 100,000 series
//! - `serve`: an exporter that runs until the end of standard input
//!
//! `--seconds N` sets the duration and `--series N` the size of the export.

mod size;

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mcp_metrics::{Exporter, tracked};
use mcp_metrics_tests::{Scrape, http};

const MODES: &str = "`storm`, `slow`, `size`, `serve`";

/// The command-line options.
struct Options {
    mode: String,
    duration: Duration,
    series: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    if options.mode == "size" {
        return size::table();
    }
    let exporter = Exporter::builder()
        .app("load", env!("CARGO_PKG_VERSION"))
        .listen(([127, 0, 0, 1], 0))
        .label_limit(options.series.max(1_000) * 2)
        .install()?;
    let address = exporter
        .local_addr()
        .ok_or("the exporter does not listen")?;
    if options.mode == size::ROW {
        size::row(&exporter, address, options.series);
        return Ok(());
    }
    for n in 0..options.series {
        mcp_metrics::track_llm_call("load", format!("model-{n}"));
    }
    match &*options.mode {
        "serve" => {
            println!("http://{address}/metrics");
            io::stdin().read_to_end(&mut Vec::new())?;
        }
        "storm" => storm(address, &options)?,
        "slow" => slow(address, &options)?,
        mode => return Err(format!("unknown mode `{mode}`; expected one of {MODES}").into()),
    }
    exporter.shutdown();
    Ok(())
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        mode: "serve".into(),
        duration: Duration::from_secs(30),
        series: 1_000,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            arguments
                .next()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| format!("`{argument}` requires a number"))
        };
        match &*argument {
            "--seconds" => options.duration = Duration::from_secs(number()?),
            "--series" => options.series = usize::try_from(number()?)?,
            _ => options.mode = argument,
        }
    }
    Ok(options)
}

/// The measured function, which does little work.
#[tracked("load", "call")]
fn call(n: u64) -> u64 {
    std::hint::black_box(n).rotate_left(7) ^ 0x5555
}

/// Calls the tracked function until `stop` is set. Returns the number of calls and the CPU seconds
/// per call. Wall-clock time would include the CPU time that the load generator takes away.
fn calls(stop: &AtomicBool) -> (u64, f64) {
    let (before, mut count) = (cpu_time(), 0);
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..1_000 {
            call(count);
            count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^52")]
    let each = cpu_time().saturating_sub(before).as_secs_f64() / count as f64;
    (count, each)
}

/// Returns the CPU time of this thread.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// Returns the resident memory of this process, in MiB.
fn memory() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<f64>().ok());
    pages.unwrap_or(f64::NAN) * 4_096.0 / 1_048_576.0
}

/// Runs `load` during tracked calls, and measures calls without load before and after it. Prints
/// the slowdown and returns the number of calls.
fn compare(load: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<u64, Box<dyn Error>> {
    let idle = || {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let calls = scope.spawn(|| calls(&stop));
            thread::sleep(Duration::from_secs(3));
            stop.store(true, Ordering::Relaxed);
            calls.join()
        })
        .map_err(|_| "the calls panicked")
    };
    let (first, before) = idle()?;
    let stop = AtomicBool::new(false);
    let (result, during) = thread::scope(|scope| {
        let calls = scope.spawn(|| calls(&stop));
        let result = load();
        stop.store(true, Ordering::Relaxed);
        (result, calls.join())
    });
    result?;
    let (second, during) = during.map_err(|_| "the calls panicked")?;
    let (third, after) = idle()?;
    let ratio = during / f64::midpoint(before, after);
    println!("CPU time of a tracked call under load / without load: {ratio:.2}");
    Ok(first + second + third)
}

/// Checks that all calls are counted.
fn check(address: SocketAddr, expected: u64) -> Result<(), Box<dyn Error>> {
    let scrape = Scrape::parse(&http::get(address, "/metrics").body);
    let labels = [("agent", "load"), ("operation", "call")];
    let counted = scrape.value("mcp_hub_requests_success_total", &labels);
    println!("calls: {expected} expected, {counted} counted");
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^52")]
    if counted == expected as f64 {
        Ok(())
    } else {
        Err("the numbers of expected and counted calls differ".into())
    }
}

/// Scrapes with `wrk -c 64`.
fn storm(address: SocketAddr, options: &Options) -> Result<(), Box<dyn Error>> {
    let memory_before = memory();
    let calls = compare(|| {
        // At a low CPU priority: in production, Prometheus does not compete for these CPUs.
        let output = Command::new("nice")
            .args(["-n", "19", "wrk", "-t", "1", "-c", "64", "--latency"])
            .args(["-d", &options.duration.as_secs().to_string()])
            .arg(format!("http://{address}/metrics"))
            .output()?;
        let report = String::from_utf8_lossy(&output.stdout);
        println!("{report}");
        let failed = report.contains("Socket errors") || report.contains("Non-2xx");
        if failed || !output.status.success() {
            return Err(format!("wrk failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(())
    })?;
    println!(
        "resident memory: {memory_before:.0} MiB before, {:.0} MiB after the load",
        memory()
    );
    check(address, calls)
}

/// Runs 2,000 clients that send one header byte per second and reconnect after a disconnect.
fn slow(address: SocketAddr, options: &Options) -> Result<(), Box<dyn Error>> {
    const CLIENTS: usize = 2_000;
    let memory_before = memory();
    let calls = compare(|| {
        let connect = || -> io::Result<TcpStream> {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(b"GET /metrics HTTP/1.1\r\nX: ")?;
            Ok(stream)
        };
        let mut clients: Vec<TcpStream> = (0..CLIENTS).filter_map(|_| connect().ok()).collect();
        println!("{} clients connected", clients.len());
        let began = Instant::now();
        let (mut scrapes, mut disconnects, mut slowest) = (0, 0, Duration::ZERO);
        while began.elapsed() < options.duration {
            let round = Instant::now();
            for client in &mut clients {
                if client.write_all(b"x").is_err() {
                    disconnects += 1;
                    if let Ok(again) = connect() {
                        *client = again;
                    }
                }
            }
            let scrape = Instant::now();
            if http::get(address, "/metrics").status != 200 {
                return Err("a scrape failed".into());
            }
            scrapes += 1;
            slowest = slowest.max(scrape.elapsed());
            thread::sleep(Duration::from_secs(1).saturating_sub(round.elapsed()));
        }
        println!("{scrapes} scrapes, the slowest in {slowest:?}; {disconnects} disconnects");
        println!(
            "resident memory: {memory_before:.0} MiB before, {:.0} MiB under load",
            memory()
        );
        Ok(())
    })?;
    println!("resident memory after the load: {:.0} MiB", memory());
    check(address, calls)
}
