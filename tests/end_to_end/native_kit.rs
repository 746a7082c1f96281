//! The rules of `examples/monitoring`, in a real Prometheus that scrapes native histograms instead of
//! classic ones, and in one that scrapes classic histograms of the same exporter.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use mcp_metrics::{Exporter, track_request};
use mcp_metrics_tests::{eventually, kit::read, llm, mcp};
use serde_json::Value;

use crate::{
    drive::Prometheus,
    kit::{check_no_rule_fails, replace, text},
};

const NATIVE: &str = "--enable-feature=native-histograms";

/// The rule files of the kit, without those for the public dashboard, which reads classic
/// histograms only.
const RULES: [&str; 9] = [
    "rules/recording.yml",
    "rules/alerts.yml",
    "rules/slo.yml",
    "rules/llm-prices.yml",
    "rules/llm-recording.yml",
    "rules/llm-alerts.yml",
    "rules/mcp-recording.yml",
    "rules/mcp-alerts.yml",
    "rules/native-histograms.yml",
];

/// An exporter with native histograms, in whose families values are recorded until it is dropped.
struct Server {
    exporter: Exporter,
    address: SocketAddr,
    done: Arc<AtomicBool>,
    recording: Option<JoinHandle<()>>,
}

impl Server {
    fn start() -> Self {
        let builder = Exporter::builder()
            .listen(([127, 0, 0, 1], 0))
            .native_histograms();
        let (recorder, exporter) = builder.build().expect("a free port");
        let address = exporter.local_addr().expect("it listens");
        let done = Arc::new(AtomicBool::new(false));
        let recording = thread::spawn({
            let done = Arc::clone(&done);
            move || {
                metrics::with_local_recorder(&recorder, || {
                    let _hanging = [
                        track_request("hung", "run").start(),
                        track_request("busy", "wait").start(),
                    ];
                    while !done.load(Ordering::Relaxed) {
                        record();
                        thread::park_timeout(Duration::from_millis(50));
                    }
                });
            }
        });
        Self {
            exporter,
            address,
            done,
            recording: Some(recording),
        }
    }
}

/// Half of the requests of `busy` fail; those of `slow` take 45 seconds. The tool `slow` takes as
/// long, and `broken` panics. Half of the calls of one model fail, and the chunks of the other come
/// late.
fn record() {
    for _ in 0..10 {
        track_request("busy", "run").start().failure("Timeout");
        track_request("busy", "run").start().success();
    }
    let slow = [("agent", "slow"), ("operation", "run")];
    metrics::histogram!("mcp_hub_request_duration_seconds", &slow).record(45.0);
    metrics::counter!("mcp_hub_requests_total", &slow).increment(1);
    metrics::counter!("mcp_hub_requests_success_total", &slow).increment(1);
    mcp::everything();
    mcp::tool_call("slow", None, 45.0);
    mcp::tool_call("broken", Some("panic"), 0.1);
    llm::everything();
    for _ in 0..100 {
        llm::first_chunk(llm::PRICED, 8.0);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(recording) = self.recording.take() {
            recording.thread().unpark();
            let _ = recording.join();
        }
        self.exporter.shutdown();
    }
}

/// Starts a Prometheus with the rules that scrapes this address each second.
fn prometheus(target: SocketAddr, flags: &[&str]) -> Option<Prometheus> {
    let configuration = read("prometheus.yml");
    let configuration = replace(&configuration, "localhost:7860", &target.to_string());
    let configuration = replace(&configuration, "_interval: 15s", "_interval: 1s");
    // No Alertmanager listens on port 1.
    let configuration = replace(&configuration, "localhost:9093", "127.0.0.1:1");
    let public = "  - rules/mcp-public-dashboard.yml\n";
    let configuration = replace(&configuration, public, "");
    let mut files = vec![("prometheus.yml", configuration)];
    for name in RULES {
        let mut rules = read(name);
        // Alerts wait for minutes until they fire, and burn-rate alerts for as much history.
        for (long, short) in [
            ("for: 5m", "for: 1s"),
            ("for: 2m", "for: 1s"),
            ("for: 10m", "for: 1s"),
            ("interval: 2m", "interval: 1s"),
            ("total offset 5m\n", "total offset 2s\n"),
        ] {
            rules = rules.replace(long, short);
        }
        files.push((name, rules));
    }
    Prometheus::with_files(&files, flags)
}

/// Returns the names and the expressions of the recording rules of native histograms.
fn native_rules(prometheus: &Prometheus) -> Vec<(String, String)> {
    let answer: Value = serde_json::from_str(&prometheus.get("/api/v1/rules")).expect("JSON");
    let groups = answer["data"]["groups"].as_array().expect("groups");
    let native = groups
        .iter()
        .filter(|group| text(group, "name").contains("-native-"));
    let rules = native.flat_map(|group| group["rules"].as_array().expect("rules"));
    let rules = rules.map(|rule| {
        (
            text(rule, "name").to_owned(),
            text(rule, "query").to_owned(),
        )
    });
    let rules: Vec<_> = rules.collect();
    assert!(rules.len() > 10, "{rules:?}");
    rules
}

/// Waits until an alert fires for this value of a label.
fn wait_for_alert(prometheus: &Prometheus, alert: &str, label: &str, value: &str) {
    let query = format!("ALERTS{{alertname='{alert}', alertstate='firing'}}");
    eventually(&format!("{alert} fires for {value}"), || {
        prometheus.query(label, &query).contains_key(value)
    });
}

/// Checks what the alerts and the recorded series must show with either kind of histograms.
fn check_alerts(prometheus: &Prometheus) {
    for (alert, label, value) in [
        ("HighErrorRate", "agent", "busy"),
        ("SlowResponses", "agent", "slow"),
        ("ErrorBudgetBurn1h", "agent", "busy"),
        ("AgentStuck", "agent", "hung"),
        ("McpToolErrors", "gen_ai_tool_name", "fetch"),
        ("McpToolSlow", "gen_ai_tool_name", "slow"),
        ("McpPanics", "gen_ai_tool_name", "broken"),
        ("LlmCallsFailing", "gen_ai_request_model", "gpt-4"),
        ("LlmFirstChunkSlow", "gen_ai_request_model", "extractive"),
    ] {
        wait_for_alert(prometheus, alert, label, value);
    }
    // The agent has a hanging request too, but others end.
    eventually("AgentStuck fires for no agent whose requests end", || {
        let stuck = prometheus.query("agent", "ALERTS{alertname='AgentStuck'}");
        stuck.contains_key("hung") && !stuck.contains_key("busy")
    });
    let healthy = prometheus.query("agent", "ALERTS{alertname='HighErrorRate'}");
    assert!(!healthy.contains_key("slow"), "{healthy:?}");
    check_no_rule_fails(prometheus);
}

#[test]
fn rules_work_with_native_histograms_only() {
    let server = Server::start();
    let Some(prometheus) = prometheus(server.address, &[NATIVE]) else {
        return;
    };
    for (name, query) in native_rules(&prometheus) {
        eventually(&query, || {
            let recorded = prometheus.query("job", &name);
            !recorded.is_empty() && !prometheus.query("job", &query).is_empty()
        });
    }
    check_alerts(&prometheus);
    let classic = "count({__name__=~'(mcp_(hub|server)|gen_ai_client)_.+_(bucket|count|sum)'})";
    assert_eq!(prometheus.value(classic), None, "classic series");
    let of_slow = |statistic| {
        let name =
            format!("job_agent_operation:mcp_hub_request_duration_seconds:{statistic}_rate5m");
        prometheus.value(&format!("{name}{{agent='slow'}}"))
    };
    // A scrape may show the sum with an observation more than the count.
    eventually("the mean is that of the requests", || {
        of_slow("mean").is_some_and(|mean| (mean / 45.0 - 1.0).abs() < 0.01)
    });
    for statistic in ["p50", "p95", "p99"] {
        let quantile = of_slow(statistic).expect("a quantile");
        assert!(
            (quantile / 45.0 - 1.0).abs() < 0.1,
            "{statistic}: {quantile}"
        );
    }
}

#[test]
fn rules_of_native_histograms_record_nothing_where_classic_ones_are_scraped() {
    let server = Server::start();
    let Some(prometheus) = prometheus(server.address, &[]) else {
        return;
    };
    check_alerts(&prometheus);
    for (name, query) in native_rules(&prometheus) {
        assert!(!prometheus.query("job", &name).is_empty(), "{name}");
        assert!(prometheus.query("job", &query).is_empty(), "{query}");
    }
}
