//! OpenMetrics, checked with the strict parser of the Python client.

use std::process::Command;

use mcp_metrics::{Exporter, track_request};
use mcp_metrics_tests::{http, process::feed};

use crate::drive::{Hub, tools};

const ACCEPT: [(&str, &str); 1] = [("Accept", "application/openmetrics-text; version=1.0.0")];

/// Parses OpenMetrics, fails if it is invalid, and prints the families and samples.
const READ: &str = "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
for family in read(sys.stdin.read()):
    print(family.name, family.type, family.unit, len(family.samples))
    for sample in family.samples:
        print(sample.name, sorted(sample.labels.items()), sample.value)
";

/// Runs the parser and returns its output; `None` if Python is missing and may be.
fn read(text: &str) -> Option<String> {
    let mut python = Command::new(tools::python()?);
    python.args(["-c", READ]).env("PYTHONIOENCODING", "utf-8");
    let output = feed(&mut python, text);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}\n{text}");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn hub_metrics_are_valid_openmetrics() {
    let hub = Hub::start(&[]);
    let response = http::get_with(hub.address, "/metrics", &ACCEPT);
    let Some(read) = read(&response.body) else {
        return;
    };
    for family in [
        "mcp_hub_requests counter  ",
        "mcp_hub_request_duration_seconds histogram seconds ",
        "mcp_hub_active_operations gauge  ",
        "mcp_hub_uptime_seconds gauge seconds 1\n",
        "mcp_hub_disk_free_bytes gauge bytes 1\n",
        "process_cpu_seconds counter",
    ] {
        assert!(read.contains(family), "{family} is not in:\n{read}");
    }
}

#[test]
fn unusual_names_and_values_are_valid_openmetrics() {
    let builder = Exporter::builder().listen(([127, 0, 0, 1], 0));
    let (recorder, exporter) = builder.build().expect("a valid configuration");
    metrics::with_local_recorder(&recorder, || {
        track_request("quote\" back\\ line\n", "\u{1f980} {x=\"y\"} # EOF").run(|| ());
        metrics::describe_counter!("plain", "Says \"hi\",\n\\ and more.");
        metrics::counter!("plain").increment(1);
        metrics::counter!("taken_total").increment(2);
        metrics::gauge!("not_a_number").set(f64::NAN);
        metrics::gauge!("without_end").set(f64::INFINITY);
        metrics::gauge!("without_start").set(f64::NEG_INFINITY);
        metrics::gauge!("large").set(1e300);
        metrics::histogram!("sizes").record(2e9);
    });
    let address = exporter.local_addr().expect("a listening exporter");
    let response = http::get_with(address, "/metrics", &ACCEPT);
    let Some(read) = read(&response.body) else {
        return;
    };
    for line in [
        "plain_total [] 1",
        "taken_total [] 2",
        "not_a_number [] nan",
        "without_end [] inf",
        "without_start [] -inf",
        "large [] 1000000",
        "sizes_count [] 1",
        "[('agent', 'quote\" back\\\\ line\\n'), ('operation', '\u{1f980} {x=\"y\"} # EOF')] 1",
    ] {
        assert!(read.contains(line), "{line} is not in:\n{read}");
    }
    exporter.shutdown();
}
