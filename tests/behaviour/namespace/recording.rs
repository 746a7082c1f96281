//! Recordings for unit tests under another namespace.

use mcp_metrics::testing::Recording;
use mcp_metrics::{track_llm_call, track_request};
use mcp_metrics_tests::panics;
use metrics::histogram;

use crate::PLAN;

#[test]
fn recording_prints_and_accepts_the_names_of_its_namespace() {
    let metrics = Recording::with_namespace("acme");
    metrics.run(|| {
        track_request("planner", "plan").run(|| ());
        track_llm_call("openai", "gpt-4");
        histogram!("acme_request_duration_seconds", &PLAN).record(7.0);
    });
    let requests = metrics.requests("planner", "plan");
    assert_eq!(
        (requests.total, requests.success, requests.observed),
        (1, 1, 2)
    );
    for prefix in ["acme", "mcp_hub"] {
        let name = |stem: &str| format!("{prefix}_{stem}");
        assert_eq!(metrics.counter(&name("requests_total"), &PLAN), 1);
        let took = metrics.histogram(&name("request_duration_seconds"), &PLAN);
        assert_eq!(took.count, 2);
        let active = metrics.gauge(&name("active_operations"), &PLAN[..1]);
        assert_eq!(active, Some(0.0));
        let unknown_label = || {
            let labels = [("agnet", "planner")];
            let _ = metrics.counter(&name("requests_total"), &labels);
        };
        panics(std::panic::AssertUnwindSafe(unknown_label));
    }
    let line = r#"acme_llm_api_calls_total{provider="openai",model="gpt-4"} 1"#;
    assert!(
        metrics.to_string().lines().any(|it| it == line),
        "{metrics}"
    );
    assert!(!metrics.to_string().contains("app_info"), "{metrics}");
    assert!(!metrics.render().contains("mcp_hub"));
    panics(|| drop(Recording::with_namespace("mcp_server")));
}
