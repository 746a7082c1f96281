//! An exporter under load: how far clients of the endpoint get in the way of what is tracked.
//!
//! ```sh
//! cargo run --release -p mcp-metrics-tests --bin load -- storm   # wrk: 64 clients, as fast as they can
//! cargo run --release -p mcp-metrics-tests --bin load -- slow    # 2,000 clients, a byte a second
//! cargo run --release -p mcp-metrics-tests --bin load -- size    # what 10 to 100,000 series weigh
//! cargo run --release -p mcp-metrics-tests --bin load -- serve   # an exporter, until standard input ends
//! ```
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

/// What was asked for.
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
    let address = exporter.local_addr().ok_or("it does not listen")?;
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
        mode => return Err(format!("{mode}: no such mode; try storm, slow, size or serve").into()),
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
                .ok_or("a number?")
        };
        match &*argument {
            "--seconds" => options.duration = Duration::from_secs(number()?),
            "--series" => options.series = usize::try_from(number()?)?,
            _ => options.mode = argument,
        }
    }
    Ok(options)
}

/// What is measured: a function that does a little work.
#[tracked("load", "call")]
fn call(n: u64) -> u64 {
    std::hint::black_box(n).rotate_left(7) ^ 0x5555
}

/// Calls the tracked function until told to stop; returns how often, and the seconds of processor
/// time that one call took. The time on the wall would tell of the load generator, which takes
/// processors away from everybody on the machine.
fn calls(stop: &AtomicBool) -> (u64, f64) {
    let (before, mut count) = (processor_time(), 0);
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..1_000 {
            call(count);
            count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^52")]
    let each = processor_time().saturating_sub(before).as_secs_f64() / count as f64;
    (count, each)
}

/// The processor time of this thread.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// The resident memory of this process, in MiB.
fn memory() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<f64>().ok());
    pages.unwrap_or(f64::NAN) * 4_096.0 / 1_048_576.0
}

/// Runs `load` while calls are tracked, between two quiet times; says how much slower they got.
fn compare(load: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<u64, Box<dyn Error>> {
    let quiet = || {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let calls = scope.spawn(|| calls(&stop));
            thread::sleep(Duration::from_secs(3));
            stop.store(true, Ordering::Relaxed);
            calls.join()
        })
        .map_err(|_| "the calls panicked")
    };
    let (first, before) = quiet()?;
    let stop = AtomicBool::new(false);
    let (result, during) = thread::scope(|scope| {
        let calls = scope.spawn(|| calls(&stop));
        let result = load();
        stop.store(true, Ordering::Relaxed);
        (result, calls.join())
    });
    result?;
    let (second, during) = during.map_err(|_| "the calls panicked")?;
    let (third, after) = quiet()?;
    let ratio = during / f64::midpoint(before, after);
    println!("a tracked call under load ÷ at rest, in processor time: {ratio:.2}");
    Ok(first + second + third)
}

/// Whether all calls are counted.
fn check(address: SocketAddr, expected: u64) -> Result<(), Box<dyn Error>> {
    let scrape = Scrape::parse(&http::get(address, "/metrics").body);
    let labels = [("agent", "load"), ("operation", "call")];
    let counted = scrape.value("mcp_hub_requests_success_total", &labels);
    println!("calls made {expected}, counted {counted}");
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^52")]
    if counted == expected as f64 {
        Ok(())
    } else {
        Err("some calls were lost".into())
    }
}

/// `wrk -c 64` on the metrics.
fn storm(address: SocketAddr, options: &Options) -> Result<(), Box<dyn Error>> {
    let memory_before = memory();
    let made = compare(|| {
        // With less claim on the processors than the program: in earnest, Prometheus has its own.
        let output = Command::new("nice")
            .args(["-n", "19", "wrk", "-t", "1", "-c", "64", "--latency"])
            .args(["-d", &options.duration.as_secs().to_string()])
            .arg(format!("http://{address}/metrics"))
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        println!("{said}");
        let failed = said.contains("Socket errors") || said.contains("Non-2xx");
        if failed || !output.status.success() {
            return Err(
                format!("wrk saw errors {}", String::from_utf8_lossy(&output.stderr)).into(),
            );
        }
        Ok(())
    })?;
    println!(
        "resident memory before and after: {memory_before:.0} and {:.0} MiB",
        memory()
    );
    check(address, made)
}

/// 2,000 clients that send a byte of a header each second, and begin anew when they are cut off.
fn slow(address: SocketAddr, options: &Options) -> Result<(), Box<dyn Error>> {
    const CLIENTS: usize = 2_000;
    let memory_before = memory();
    let made = compare(|| {
        let connect = || -> io::Result<TcpStream> {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(b"GET /metrics HTTP/1.1\r\nX: ")?;
            Ok(stream)
        };
        let mut clients: Vec<TcpStream> = (0..CLIENTS).filter_map(|_| connect().ok()).collect();
        println!("{} clients connected", clients.len());
        let began = Instant::now();
        let (mut scrapes, mut cut_off, mut slowest) = (0, 0, Duration::ZERO);
        while began.elapsed() < options.duration {
            let round = Instant::now();
            for client in &mut clients {
                if client.write_all(b"x").is_err() {
                    cut_off += 1;
                    if let Ok(again) = connect() {
                        *client = again;
                    }
                }
            }
            let scrape = Instant::now();
            if http::get(address, "/metrics").status != 200 {
                return Err("a scrape was not answered".into());
            }
            scrapes += 1;
            slowest = slowest.max(scrape.elapsed());
            thread::sleep(Duration::from_secs(1).saturating_sub(round.elapsed()));
        }
        println!("{scrapes} scrapes answered, the slowest in {slowest:?}; {cut_off} times cut off");
        println!(
            "resident memory before and now: {memory_before:.0} and {:.0} MiB",
            memory()
        );
        Ok(())
    })?;
    println!("resident memory after they left: {:.0} MiB", memory());
    check(address, made)
}
