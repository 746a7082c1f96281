//! The rules for LLM calls, in a real Prometheus that scrapes an exporter with calls of a model with a
//! price and of one without.

use std::net::SocketAddr;

use mcp_metrics_tests::{eventually, kit::read, llm};

use crate::{
    drive::{Prometheus, Recording},
    kit::{check_no_rule_fails, replace, rules, text},
};

const TOKENS: &str =
    "job_gen_ai_provider_name_gen_ai_request_model_gen_ai_token_type:gen_ai_client";

/// Returns the rule files for LLM calls, with alerts that wait one second and short intervals.
pub(crate) fn rule_files() -> [(&'static str, String); 3] {
    let alerts = replace(&read("rules/llm-alerts.yml"), "for: 5m", "for: 1s");
    let recording = read("rules/llm-recording.yml");
    [
        ("rules/llm-prices.yml", read("rules/llm-prices.yml")),
        (
            "rules/llm-recording.yml",
            replace(&recording, "interval: 2m", "interval: 1s"),
        ),
        ("rules/llm-alerts.yml", alerts),
    ]
}

/// Starts a Prometheus with these rules that scrapes this address each second.
fn prometheus(target: SocketAddr, rules: [(&'static str, String); 3]) -> Option<Prometheus> {
    let configuration = read("prometheus.yml");
    let configuration = replace(&configuration, "localhost:7860", &target.to_string());
    let configuration = replace(&configuration, "_interval: 15s", "_interval: 1s");
    // No Alertmanager listens on port 1.
    let configuration = replace(&configuration, "localhost:9093", "127.0.0.1:1");
    let mut files = vec![("prometheus.yml", configuration)];
    files.extend(rules);
    Prometheus::with_files(&files, &[])
}

#[test]
fn llm_rules_record_failures_tokens_and_costs() {
    let server = Recording::start(llm::everything);
    let Some(prometheus) = prometheus(server.address, rule_files()) else {
        return;
    };
    let all = rules(&prometheus);
    assert!(all.len() > 15, "{} rules", all.len());
    for rule in all.iter().filter(|rule| text(rule, "type") == "recording") {
        let name = text(rule, "name");
        eventually(name, || !prometheus.query("job", name).is_empty());
    }
    check_no_rule_fails(&prometheus);
    let by_model = |query: &str| prometheus.query("gen_ai_request_model", query);
    let models = |query: &str| by_model(query).into_keys().collect::<Vec<_>>();

    eventually("half of the calls of one model fail", || {
        let ratios = by_model(
            "job_gen_ai_provider_name_gen_ai_request_model:gen_ai_client_operations_failed:ratio_rate5m",
        );
        let near = |model, ratio: f64| {
            let value = ratios.get(model);
            value.is_some_and(|value| (value - ratio).abs() < 0.1)
        };
        near("extractive", 0.0) && near("gpt-4", 0.5)
    });
    eventually("only this model fires the alert", || {
        models("ALERTS{alertname='LlmCallsFailing', alertstate='firing'}") == ["gpt-4"]
    });

    // 1,000 input tokens for 2 dollars a million, and 100 output tokens for 10.
    let calls = "job_gen_ai_provider_name_gen_ai_request_model:gen_ai_client_operations:rate5m";
    let per_call = format!(
        "sum by (gen_ai_request_model) ({TOKENS}_cost_usd:rate5m) \
         / on (gen_ai_request_model) sum by (gen_ai_request_model) ({calls})"
    );
    eventually("a call costs 0.3 cents", || {
        let costs = by_model(&per_call);
        let cost = costs.get("extractive");
        costs.len() == 1 && cost.is_some_and(|cost| (cost / 0.003 - 1.0).abs() < 0.05)
    });
    let unpriced = format!("{TOKENS}_tokens_without_price:rate5m > 0");
    assert_eq!(models(&unpriced), ["gpt-4"]);
}

#[test]
fn llm_cost_above_the_budget_fires_the_alert() {
    let server = Recording::start(llm::everything);
    let [prices, recording, alerts] = rule_files();
    let low = replace(&prices.1, "vector(100)", "vector(0.01)");
    let rules = [(prices.0, low), recording, alerts];
    let Some(prometheus) = prometheus(server.address, rules) else {
        return;
    };
    eventually("the budget is exceeded", || {
        let firing = "ALERTS{alertname='LlmBudgetExceeded', alertstate='firing'}";
        prometheus.query("job", firing).contains_key("mcp-hub")
    });
}
