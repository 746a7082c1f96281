//! The rules and the dashboard for MCP servers, in a real Prometheus that scrapes an exporter with
//! series in every family.

use std::net::SocketAddr;

use mcp_metrics_tests::{
    dashboard::{self, Dashboard},
    eventually,
    kit::read,
    mcp,
};

use crate::{
    drive::{Prometheus, Recording},
    kit::{check_no_rule_fails, check_panels, replace, rules, text},
};

/// Starts a Prometheus with the rules for MCP servers that scrapes this address each second.
fn prometheus(target: SocketAddr) -> Option<Prometheus> {
    let configuration = read("prometheus.yml");
    let configuration = replace(&configuration, "localhost:7860", &target.to_string());
    let configuration = replace(&configuration, "_interval: 15s", "_interval: 1s");
    // No Alertmanager listens on port 1.
    let configuration = replace(&configuration, "localhost:9093", "127.0.0.1:1");
    // Alerts wait until they fire; here, one second.
    let alerts = replace(&read("rules/mcp-alerts.yml"), "for: 5m", "for: 1s");
    let files = [
        ("prometheus.yml", configuration),
        ("rules/mcp-recording.yml", read("rules/mcp-recording.yml")),
        ("rules/mcp-alerts.yml", alerts),
        (
            "rules/mcp-public-dashboard.yml",
            read("rules/mcp-public-dashboard.yml"),
        ),
    ];
    Prometheus::with_files(&files, &[])
}

#[test]
fn mcp_recording_rules_have_data_and_no_rule_fails() {
    let server = Recording::start(mcp::everything);
    let Some(prometheus) = prometheus(server.address) else {
        return;
    };
    let all = rules(&prometheus);
    assert!(all.len() > 40, "{} rules", all.len());
    for rule in all.iter().filter(|rule| text(rule, "type") == "recording") {
        let name = text(rule, "name");
        eventually(name, || !prometheus.query("job", name).is_empty());
    }
    check_no_rule_fails(&prometheus);
    eventually("all calls of one tool fail, half of the other's", || {
        let failing = "job_gen_ai_tool_name:mcp_server_tool_calls_failed:ratio_rate5m";
        let ratios = prometheus.query("gen_ai_tool_name", failing);
        let near = |tool, ratio: f64| {
            let value = ratios.get(tool);
            value.is_some_and(|value| (value - ratio).abs() < 0.1)
        };
        ratios.len() == 2 && near("fetch", 1.0) && near("search", 0.5)
    });
    let firing = "ALERTS{alertname=\"McpToolErrors\", alertstate=\"firing\"}";
    eventually("both tools fire the alert", || {
        let tools = prometheus.query("gen_ai_tool_name", firing);
        tools.keys().eq(["fetch", "search"])
    });
}

#[test]
fn mcp_dashboard_panels_have_data() {
    let server = Recording::start(mcp::everything);
    let Some(prometheus) = prometheus(server.address) else {
        return;
    };
    check_panels(&Dashboard::read(dashboard::MCP_SERVER), &prometheus);
}
