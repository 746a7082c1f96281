//! Tests of results, errors and limits of scripts.

use std::time::Instant;

use serde_json::json;

use super::*;

async fn run(script: &str) -> Result<CodeReply, CodeError> {
    run_within(script, 2_000).await
}

async fn run_within(script: &str, timeout_ms: u64) -> Result<CodeReply, CodeError> {
    let request = CodeRequest {
        script: script.to_owned(),
        timeout_ms: Some(timeout_ms),
        ..CodeRequest::default()
    };
    CodeRunner::new().execute(request).await
}

#[tokio::test]
async fn script_returns_its_last_value_and_its_output() {
    let request = CodeRequest {
        script: "let sum = 0; for n in numbers { print(n); sum += n; } #{ sum: sum }".to_owned(),
        inputs: json!({ "numbers": [1, 2, 3] })
            .as_object()
            .cloned()
            .unwrap_or_default(),
        timeout_ms: None,
    };
    let reply = CodeRunner::new().execute(request).await.expect("a result");
    assert_eq!(
        reply,
        CodeReply {
            result: json!({ "sum": 6 }),
            output: "1\n2\n3\n".to_owned()
        }
    );
}

#[tokio::test]
async fn invalid_scripts_and_requests_are_distinct_errors() {
    assert!(matches!(run(" ").await, Err(CodeError::EmptyScript)));
    assert!(matches!(run("let x = ;").await, Err(CodeError::Syntax(_))));
    assert!(matches!(run("1 / 0").await, Err(CodeError::Runtime(_))));
    assert!(matches!(
        run("throw \"no\"").await,
        Err(CodeError::Runtime(_))
    ));
    assert!(matches!(
        run_within("1", 0).await,
        Err(CodeError::TimeoutOutOfRange(0))
    ));
}

#[tokio::test]
async fn script_beyond_a_memory_limit_is_an_error() {
    for script in [
        "let s = \"x\"; loop { s += s; }",
        "let a = []; loop { a.push(a); }",
        "let a = []; a.pad(1_000_000, 0);",
        "let s = \"\"; s.pad(10_000_000, \"x\");",
        "let m = #{}; for n in 0..1_000_000 { m[n.to_string()] = n; }",
        "let m = #{ n: #{} }; for n in 0..1_000_000 { m.n[n.to_string()] = n; }",
        "fn grow() { for n in 0..1_000_000 { this[n.to_string()] = n } } let m = #{}; m.grow();",
        "let a = []; a.pad(5_000, ()); let s = \"\"; s.pad(60_000, \"x\"); \
         for n in 0..5_000 { a[n] = s + n; }",
        "fn f(n) { f(n + 1) } f(0)",
    ] {
        let result = run_within(script, 20_000).await;
        assert!(
            matches!(result, Err(CodeError::MemoryLimit(_))),
            "{script}: {result:?}"
        );
    }
}

#[tokio::test]
async fn timeout_stops_scripts_that_catch_errors() {
    for script in [
        "loop {}",
        "sleep(60_000)",
        "loop { try { sleep(60_000) } catch { } }",
        "loop { try { while true { } } catch { } }",
    ] {
        let start = Instant::now();
        let result = run_within(script, 100).await;
        assert!(
            matches!(result, Err(CodeError::Timeout(_))),
            "{script}: {result:?}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{script} took {:?}",
            start.elapsed()
        );
    }
}

#[tokio::test]
async fn access_to_the_host_is_an_error() {
    for script in [
        "import \"Cargo\" as m;",
        "open_file(\"/etc/passwd\")",
        "eval(\"import \\\"x\\\"\")",
    ] {
        let result = run(script).await;
        let refused = matches!(result, Err(CodeError::Syntax(_) | CodeError::Runtime(_)));
        assert!(refused, "{script}: {result:?}");
    }
}

#[tokio::test]
async fn closures_with_shared_variables_do_not_crash_the_sandbox() {
    let script =
        "let k = 2; let f = |x| { k += x; k }; let a = [k, f, #{ k: k }]; a.push(f.call(1)); k";
    let result = run(script).await;
    assert!(!matches!(result, Err(CodeError::Crashed(_))), "{result:?}");
}

#[tokio::test]
async fn dropping_the_future_stops_the_script() {
    let runner = CodeRunner::new();
    let request = CodeRequest {
        script: "sleep(60_000)".to_owned(),
        ..CodeRequest::default()
    };
    let waited = tokio::time::timeout(Duration::from_millis(50), runner.execute(request)).await;
    assert!(waited.is_err(), "it should still be sleeping");
    // All permits are available only when no script is running.
    let all = u32::try_from(MAX_RUNNING).expect("a small number");
    let idle = tokio::time::timeout(Duration::from_secs(2), runner.running.acquire_many(all)).await;
    assert!(idle.is_ok(), "the script still runs");
}
