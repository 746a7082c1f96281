//! `batch_job`, with a real Pushgateway and without one.

use std::{
    fs,
    io::Read as _,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use mcp_metrics_tests::{Process, Scrape, http, scrape::Labels, tools};

use crate::programs::{assert_series, command, series};

/// A running Pushgateway without persistence.
struct Pushgateway {
    /// Ends with the test.
    _process: Process,
    address: SocketAddr,
}

impl Pushgateway {
    /// Starts a gateway on a free port. Returns `None` if it is missing and may be.
    fn start() -> Option<Self> {
        let program = tools::found("the Pushgateway", Path::new("prometheus-pushgateway"))?;
        let mut command = Command::new(program);
        command
            .args(["--web.listen-address", "127.0.0.1:0"])
            .args(["--persistence.file", ""])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut process = Process::start("the Pushgateway", &mut command);
        let address = process.wait_for("the listen address in the log", |line| {
            let (_, fields) = line.split_once("msg=\"Listening on\"")?;
            fields.split_once("address=")?.1.trim().parse().ok()
        });
        Some(Self {
            _process: process,
            address,
        })
    }

    /// Returns the pushed series.
    fn series(&self) -> Vec<String> {
        let scrape = Scrape::parse(&http::get(self.address, "/metrics").body);
        let pushed = |(_, labels, _): &&(_, Labels, _)| {
            labels.get("job").is_some_and(|job| job == "batch_job")
        };
        let samples = scrape.samples.iter().filter(pushed).cloned().collect();
        let pushed = Scrape {
            samples,
            ..Scrape::default()
        };
        series(&pushed)
    }
}

/// Returns a file with this text, in cargo's folder for the files of tests.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("batch_job");
    fs::create_dir_all(&folder).expect("a writable folder");
    let path = folder.join(name);
    fs::write(&path, text).expect("a writable folder");
    path
}

/// Runs the job. Returns its exit code, its output and its log.
fn run(gateway: SocketAddr, script: &str, files: &[&Path]) -> (Option<i32>, String, String) {
    let mut command = command("batch_job");
    command
        .args(["--gateway", &format!("http://{gateway}")])
        .args(["--script", script])
        .args(files)
        .stdout(Stdio::piped());
    let mut job = Process::start("batch_job", &mut command);
    let code = job.wait().code();
    let mut output = String::new();
    let mut stdout = job.child.stdout.take().expect("a piped output");
    stdout.read_to_string(&mut output).expect("UTF-8");
    (code, output, job.log())
}

#[test]
fn each_exit_pushes_the_metrics() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let numbers = file("numbers.txt", "1\n2\n3\n");
    let invalid = file("invalid.csv", "4\nfour\n");
    let missing = numbers.with_file_name("missing.txt");

    let (code, output, log) = run(gateway.address, "n * n", &[&numbers]);
    assert_eq!((code, output.as_str()), (Some(0), "14\n"), "{log}");
    assert_series(
        &gateway.series(),
        "
        app_info{name=batch_job} 1
        code_executions_total{status=success} 3
        request_duration_seconds_count{agent=batch_job,operation=sum_text} 1
        requests_success_total{agent=batch_job,operation=sum_text} 1
        requests_total{agent=batch_job,operation=sum_text} 1
        retries_exhausted_total{service=file_system} 0
        retries_total{attempt=1,service=file_system} 0
        retries_total{attempt=2,service=file_system} 0
        retries_total{attempt=3,service=file_system} 0
        search_api_calls_total{} 0
        ",
    );

    let files: [&Path; 3] = [&numbers, &invalid, &missing];
    let (code, output, log) = run(gateway.address, "n * n", &files);
    assert_eq!((code, output.as_str()), (Some(1), "14\n"), "{log}");
    assert!(log.contains("2 of 3 files failed"), "{log}");
    assert_series(
        &gateway.series(),
        "
        app_info{name=batch_job} 1
        code_executions_total{status=success} 4
        request_duration_seconds_count{agent=batch_job,operation=sum_csv} 1
        request_duration_seconds_count{agent=batch_job,operation=sum_text} 2
        requests_failed_total{agent=batch_job,error_type=NotANumber,operation=sum_csv} 1
        requests_failed_total{agent=batch_job,error_type=NotFound,operation=sum_text} 1
        requests_success_total{agent=batch_job,operation=sum_csv} 0
        requests_success_total{agent=batch_job,operation=sum_text} 1
        requests_total{agent=batch_job,operation=sum_csv} 1
        requests_total{agent=batch_job,operation=sum_text} 2
        retries_exhausted_total{service=file_system} 1
        retries_total{attempt=1,service=file_system} 1
        retries_total{attempt=2,service=file_system} 1
        retries_total{attempt=3,service=file_system} 1
        search_api_calls_total{} 0
        ",
    );

    let (code, output, log) = run(gateway.address, "n / (n - 2)", &[&numbers]);
    assert_eq!((code, output.as_str()), (Some(1), "0\n"), "{log}");
    assert_series(
        &gateway.series(),
        "
        app_info{name=batch_job} 1
        code_executions_total{status=failure} 1
        code_executions_total{status=success} 1
        request_duration_seconds_count{agent=batch_job,operation=sum_text} 1
        requests_failed_total{agent=batch_job,error_type=Script,operation=sum_text} 1
        requests_success_total{agent=batch_job,operation=sum_text} 0
        requests_total{agent=batch_job,operation=sum_text} 1
        retries_exhausted_total{service=file_system} 0
        retries_total{attempt=1,service=file_system} 0
        retries_total{attempt=2,service=file_system} 0
        retries_total{attempt=3,service=file_system} 0
        search_api_calls_total{} 0
        ",
    );

    // An error before the first file.
    let (code, output, log) = run(gateway.address, "n *", &[&numbers]);
    assert_eq!((code, output.as_str()), (Some(1), ""), "{log}");
    assert_series(
        &gateway.series(),
        "
        app_info{name=batch_job} 1
        retries_exhausted_total{service=file_system} 0
        retries_total{attempt=1,service=file_system} 0
        retries_total{attempt=2,service=file_system} 0
        retries_total{attempt=3,service=file_system} 0
        search_api_calls_total{} 0
        ",
    );
}

#[test]
fn job_without_a_gateway_succeeds_and_logs_the_failed_push() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let numbers = file("only.txt", "1\n2\n");
    let (code, output, log) = run(address, "n", &[&numbers]);
    assert_eq!((code, output.as_str()), (Some(0), "3\n"), "{log}");
    let failed = log.lines().find(|line| line.contains("last push failed"));
    let failed = failed.unwrap_or_else(|| panic!("no failed push in the log:\n{log}"));
    assert!(failed.contains("ERROR") && failed.contains(&address.to_string()));
}
