//! Programs whose metrics are hard to export, checked with strict readers of each format: promtool,
//! both parsers of the Python client, Prometheus and the Pushgateway.

mod clashes;
mod inputs;
mod programs;
mod running;
mod samples;

use std::{collections::BTreeMap, fmt::Write as _, process::Command};

use mcp_metrics_tests::{eventually, process::feed};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use crate::drive::{Prometheus, Pushgateway, tools};
use running::{Failures, Running, parse};
use samples::{Samples, difference};

/// Parses texts and prints the samples of each, or the error.
const READ: &str = "
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text
def read(parse, string):
    try:
        samples = [sample for family in parse(string) for sample in family.samples]
        return {'samples': [[it.name, it.labels, str(it.value)] for it in samples]}
    except Exception as error:
        return {'error': repr(error)}
print(json.dumps([[read(text, a), read(openmetrics, b)] for a, b in json.load(sys.stdin)]))
";

#[test]
fn hostile_programs_render_what_they_record() {
    let mut failures = Failures::default();
    for running in Running::all() {
        let program = running.program;
        let (text, open) = match (parse(&running.text()), parse(&running.openmetrics())) {
            (Ok(text), Ok(open)) => (text, open),
            (text, open) => {
                failures.add(program, "text", text.err());
                failures.add(program, "OpenMetrics", open.err());
                continue;
            }
        };
        for (name, labels, value) in program.shown {
            let found = text.get(name, labels);
            let wrong = (found != Some(*value)).then(|| format!("{name}{labels:?} {found:?}"));
            failures.add(program, "text", wrong);
        }
        for name in program.hidden {
            let found = text.select(name, &[]).next();
            failures.add(program, "text", found.map(|found| format!("{found:?}")));
        }
        let open = samples::of_text(&open);
        let expected = samples::without_sums_left_out(samples::with_totals(&text), &open, &text);
        failures.add(program, "OpenMetrics", difference(&open, &expected));
    }
    failures.assert_none();
}

#[test]
fn hostile_programs_pass_promtool() {
    let Some(promtool) = tools::promtool() else {
        return;
    };
    let mut failures = Failures::default();
    for running in Running::all() {
        let output = feed(
            Command::new(&promtool).args(["check", "metrics"]),
            &running.text(),
        );
        // Status 3 means that only lints failed.
        let invalid = !matches!(output.status.code(), Some(0 | 3));
        let message = String::from_utf8_lossy(&output.stderr);
        failures.add(running.program, "promtool", invalid.then_some(message));
    }
    failures.assert_none();
}

#[test]
fn hostile_programs_pass_the_python_parsers() {
    let Some(python) = tools::python() else {
        return;
    };
    let running = Running::all();
    let texts: Vec<_> = running
        .iter()
        .map(|it| [it.text(), it.openmetrics()])
        .collect();
    let output = feed(
        Command::new(python).args(["-c", READ]),
        &json!(texts).to_string(),
    );
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let read: Vec<[Value; 2]> = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut failures = Failures::default();
    for ((running, texts), read) in running.iter().zip(&texts).zip(&read) {
        for (format, text, read) in [
            ("text", &texts[0], &read[0]),
            ("OpenMetrics", &texts[1], &read[1]),
        ] {
            let reader = format!("Python, {format}");
            failures.add(running.program, &reader, read.get("error"));
            if let (Some(read), Ok(scrape)) = (read.get("samples"), parse(text)) {
                let expected = match format {
                    "text" => samples::with_totals(&scrape),
                    _ => samples::of_text(&scrape),
                };
                let read = samples::of_python(read);
                failures.add(running.program, &reader, difference(&read, &expected));
            }
        }
    }
    failures.assert_none();
}

/// Scrapes all programs with Prometheus and compares the stored samples with `expected`.
fn assert_stored(flags: &[&str], expected: impl Fn(&Running) -> Result<Samples, String>) {
    let running = Running::all();
    let mut targets = String::new();
    for it in &running {
        let address = it.exporter.local_addr().expect("a listening exporter");
        let case = json!(it.program.name);
        // Writing to a string does not fail.
        let _ = write!(
            targets,
            "\n      - {{targets: ['{address}'], labels: {{case: {case}}}}}"
        );
    }
    let configuration = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n  - job_name: strict\n    \
         static_configs:{targets}\n"
    );
    let files = [("prometheus.yml", configuration)];
    let Some(prometheus) = Prometheus::with_files(&files, flags) else {
        return;
    };
    let mut up = BTreeMap::new();
    eventually("Prometheus has scraped all programs", || {
        up = prometheus.query("case", "up");
        up.len() == running.len()
    });
    let targets: Value = serde_json::from_str(&prometheus.get("/api/v1/targets")).expect("JSON");
    let targets = targets["data"]["activeTargets"]
        .as_array()
        .expect("targets");
    let mut failures = Failures::default();
    for it in &running {
        let name = it.program.name;
        if up.get(name) != Some(&1.0) {
            let target = targets
                .iter()
                .find(|target| target["labels"]["case"] == name);
            failures.add(
                it.program,
                "scrape",
                target.map(|target| &target["lastError"]),
            );
            continue;
        }
        let query = format!("{{case={}}}", json!(name));
        let query: String = byte_serialize(query.as_bytes()).collect();
        let stored = prometheus.get(&format!("/api/v1/query?query={query}"));
        let stored = samples::of_prometheus(&stored);
        match expected(it).map(samples::without_empty_labels) {
            Ok(expected) => failures.add(it.program, "stored", difference(&stored, &expected)),
            Err(error) => failures.add(it.program, "scrape", Some(error)),
        }
    }
    failures.assert_none();
    assert_eq!(prometheus.warnings(), Vec::<String>::new());
}

#[test]
fn prometheus_stores_hostile_programs_from_openmetrics() {
    assert_stored(&[], |running| {
        Ok(samples::of_text(&parse(&running.openmetrics())?))
    });
}

#[test]
fn prometheus_stores_hostile_programs_from_protobuf() {
    let flags = ["--enable-feature=native-histograms"];
    assert_stored(&flags, |running| {
        Ok(samples::of_text(&parse(&running.text())?))
    });
}

#[test]
fn pushgateway_accepts_hostile_programs() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let mut failures = Failures::default();
    for program in programs::all() {
        let running = Running::start(program, Some(&gateway));
        running.exporter.shutdown();
        let rendered = match parse(&running.exporter.render()) {
            Ok(rendered) => rendered,
            Err(error) => {
                failures.add(program, "text", Some(error));
                continue;
            }
        };
        let failed = rendered.sum("mcp_metrics_pushes_total", &[("result", "failure")]);
        let failed = (failed > 0.0).then_some("the push failed");
        failures.add(program, "push", failed);
        let arrived = gateway.group(&[("case", program.name)]);
        for (name, labels, value) in program.shown {
            let found = arrived
                .samples
                .iter()
                .find(|(found, arrived, arrived_value)| {
                    let same = |(name, value): &(&str, &str)| {
                        arrived.get(*name).is_some_and(|it| same_label(it, value))
                    };
                    found == name && value == arrived_value && labels.iter().all(same)
                });
            let missing = found.is_none().then(|| format!("{name}{labels:?} {value}"));
            failures.add(program, "not pushed", missing);
        }
    }
    failures.assert_none();
}

/// Compares label values. The gateway parses bounds and formats them differently.
fn same_label(found: &str, expected: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    found == expected || number(found).is_some_and(|bound| number(expected) == Some(bound))
}
