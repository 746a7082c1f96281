//! `llm_client`, whose calls are streamed by its mock server.

use std::{io::Read as _, process::Stdio};

use mcp_metrics_tests::{Process, Scrape, http};

use crate::programs::{address, assert_series, command, terminate};

/// The series of LLM calls after all calls, without buckets and sums of seconds.
const EXPECTED: &str = "
    client_operation_duration_seconds_count{openai,chat,gpt-4o-mini,Disconnected} 1
    client_operation_duration_seconds_count{openai,chat,gpt-4o-mini,RateLimited} 1
    client_operation_duration_seconds_count{openai,chat,gpt-4o-mini,cancelled} 1
    client_operation_duration_seconds_count{openai,chat,gpt-4o-mini} 2
    client_operation_duration_seconds_count{openai,embeddings,text-embedding-3-small} 1
    client_operation_time_to_first_chunk_seconds_count{openai,chat,gpt-4o-mini,Disconnected} 1
    client_operation_time_to_first_chunk_seconds_count{openai,chat,gpt-4o-mini,cancelled} 1
    client_operation_time_to_first_chunk_seconds_count{openai,chat,gpt-4o-mini} 1
    client_token_usage_count{openai,chat,gpt-4o-mini,input} 2
    client_token_usage_count{openai,chat,gpt-4o-mini,output} 2
    client_token_usage_count{openai,embeddings,text-embedding-3-small,input} 1
    client_token_usage_sum{openai,chat,gpt-4o-mini,input} 8
    client_token_usage_sum{openai,chat,gpt-4o-mini,output} 12
    client_token_usage_sum{openai,embeddings,text-embedding-3-small,input} 2
    llm_api_calls_total{openai,gpt-4o-mini} 5
    llm_api_calls_total{openai,text-embedding-3-small} 1
";

/// The lines of the standard output that do not contain metrics.
const OUTPUT: &str = "
    > Why is the sky blue?
    You asked: Why is the sky blue?
    > Are you busy? [429]
     (failed: too many requests or tokens: Too Many Requests)
    > Will the connection break? [disconnect]
    You asked:  (failed: the connection broke during the reply)
    > Tell me a long story. (dropped after 5 chunks)
    You asked: Tell me
    > Answer at once.
    You asked: Answer at once.
    > Embed this.
    [0.25, -0.5, 0.125]
";

/// Formats the series of LLM calls, with the values of their labels.
fn series(scrape: &Scrape) -> Vec<String> {
    let order = [
        "provider",
        "gen_ai_provider_name",
        "gen_ai_operation_name",
        "model",
        "gen_ai_request_model",
        "gen_ai_token_type",
        "error_type",
    ];
    let mut series: Vec<String> = scrape
        .samples
        .iter()
        .filter_map(|(name, labels, value)| {
            let of_calls = name.strip_prefix("gen_ai_").or_else(|| {
                let name = name.strip_prefix("mcp_hub_")?;
                name.starts_with("llm_").then_some(name)
            })?;
            let varies = name.ends_with("_bucket") || name.ends_with("_seconds_sum");
            let values = order.iter().filter_map(|name| labels.get(*name));
            let values: Vec<_> = values.map(String::as_str).collect();
            assert_eq!(
                values.len(),
                labels.len() - usize::from(labels.contains_key("le"))
            );
            (!varies).then(|| format!("{of_calls}{{{}}} {value}", values.join(",")))
        })
        .collect();
    series.sort();
    series
}

#[test]
fn streamed_failed_and_abandoned_calls_are_exported() {
    let mut command = command("llm_client");
    let command = command.arg("127.0.0.1:0").stdout(Stdio::piped());
    let mut program = Process::start("llm_client", command);
    // Logged after the last call.
    let metrics = address(&mut program, "metrics");

    let scrape = Scrape::parse(&http::get(metrics, "/metrics").body);
    assert_series(&series(&scrape), EXPECTED);
    // A first chunk is not later than the end, for calls with the same outcome.
    for error_type in ["Disconnected", "cancelled"] {
        let labels = [("error_type", error_type)];
        let seconds = |name: &str| scrape.sum(&format!("gen_ai_client_operation_{name}"), &labels);
        let first_chunk = seconds("time_to_first_chunk_seconds_sum");
        assert!(first_chunk > 0.0 && first_chunk <= seconds("duration_seconds_sum"));
    }

    terminate(&mut program);
    let mut output = String::new();
    let mut stdout = program.child.stdout.take().expect("a piped output");
    stdout.read_to_string(&mut output).expect("UTF-8");
    let (calls, metrics) = output.split_once("\n\n").expect("an empty line");
    let expected = OUTPUT.trim_start_matches('\n').trim_end();
    let expected: Vec<_> = expected
        .lines()
        .map(|line| line.strip_prefix("    ").unwrap_or(line).trim_end())
        .collect();
    let calls: Vec<_> = calls.lines().map(str::trim_end).collect();
    assert_eq!(calls, expected);
    assert!(
        metrics
            .contains("mcp_hub_llm_api_calls_total{provider=\"openai\",model=\"gpt-4o-mini\"} 5\n"),
        "{metrics}"
    );
}
