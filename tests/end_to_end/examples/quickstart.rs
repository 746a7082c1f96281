//! `quickstart`.

use std::process::Stdio;

use crate::programs::command;

#[test]
fn metrics_of_both_calls_are_printed() {
    let mut command = command("quickstart");
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let labels = r#"agent="calculator",operation="sum""#;
    for line in [
        "1 2 3 sum to Ok(6)".to_owned(),
        "1 two 3 sum to Err(ParseIntError { kind: InvalidDigit })".to_owned(),
        format!("mcp_hub_requests_total{{{labels}}} 2"),
        format!("mcp_hub_requests_success_total{{{labels}}} 1"),
        format!("mcp_hub_requests_failed_total{{{labels},error_type=\"ParseIntError\"}} 1"),
        format!("mcp_hub_request_duration_seconds_count{{{labels}}} 2"),
        "mcp_hub_active_operations{agent=\"calculator\"} 0".to_owned(),
    ] {
        assert!(
            text.lines().any(|printed| printed == line),
            "{line}\n{text}"
        );
    }
}
