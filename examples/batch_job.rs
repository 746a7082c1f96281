//! A short-lived job that pushes its metrics to a Pushgateway, without tokio: it applies a script to
//! the numbers in some files.
//!
//! ```text
//! seq 10 > numbers.txt
//! cargo run --bin batch_job -- --script 'n * n' numbers.txt
//! ```
//!
//! Without a Pushgateway at `--gateway`, the job does the same, and logs that the push failed.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use clap::Parser;
use mcp_metrics::{CodeExecution, ErrorType, Exporter, PushGateway, track_request, tracked_retry};
use rhai::{AST, Engine, Scope};

/// Sums the results of a script for each number in some files.
#[derive(Parser)]
struct Cli {
    /// URL of the Pushgateway.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9091")]
    gateway: String,

    /// Rhai expression of an integer `n`.
    #[arg(long, default_value = "n")]
    script: String,

    /// Files with one integer per line.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// An error of one file.
#[derive(Debug, thiserror::Error, ErrorType)]
enum FileError {
    /// The label is the kind, such as `NotFound`.
    #[error(transparent)]
    #[error_type(transparent)]
    Read(#[from] io::Error),
    #[error("line {line} is not a number: {text:?}")]
    NotANumber { line: usize, text: String },
    #[error("the script failed: {0}")]
    Script(#[from] Box<rhai::EvalAltResult>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let exporter = Exporter::builder()
        .app("batch_job", env!("CARGO_PKG_VERSION"))
        .without_process_metrics() // the gateway exports its own under the same names
        .push_gateway(PushGateway::new(&cli.gateway, "batch_job"))
        .install()?;
    // Pushes a last time on each way out of `main`: at its end, after an error and during a panic.
    // `std::process::exit` would skip it.
    let _shutdown = exporter.shutdown_on_drop();

    let engine = Engine::new();
    let script = engine.compile_expression(&cli.script)?;
    let (mut sum, mut failed) = (0, 0);
    for path in &cli.files {
        // A closure instead of an attribute, because the label depends on the file.
        let request = track_request("batch_job", operation(path));
        match request.run(|| sum_file(&engine, &script, path)) {
            Ok(subtotal) => sum += subtotal,
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "failed to process a file");
                failed += 1;
            }
        }
    }
    println!("{sum}");
    if failed > 0 {
        return Err(format!("{failed} of {} files failed", cli.files.len()).into());
    }
    exporter.record_success();
    Ok(())
}

/// Returns the label `operation`: one of a few values, and not the path, of which there are many.
fn operation(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => "sum_csv",
        Some("txt") => "sum_text",
        _ => "sum_other",
    }
}

/// Returns the sum of the script's results for the numbers in a file.
fn sum_file(engine: &Engine, script: &AST, path: &Path) -> Result<i128, FileError> {
    let text = read(path)?;
    let mut sum = 0;
    for (index, text) in text.lines().enumerate() {
        let number: i64 = text.trim().parse().map_err(|_| FileError::NotANumber {
            line: index + 1,
            text: text.to_owned(),
        })?;
        let mut scope = Scope::new();
        scope.push_constant("n", number);
        // A guard instead of `#[tracked_execution]`, because the execution is not a function.
        let execution = CodeExecution::start();
        let result = engine.eval_ast_with_scope::<i64>(&mut scope, script);
        execution.finish(&result);
        sum += i128::from(result?);
    }
    Ok(sum)
}

/// Reads a file. If the read is interrupted, or the file does not exist yet, retries it twice and
/// blocks the thread between the attempts.
#[tracked_retry(
    "file_system",
    attempts = 3,
    delay = "20ms",
    retry_if = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::Interrupted)
    }
)]
fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
}
