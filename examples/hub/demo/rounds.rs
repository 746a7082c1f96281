//! The calls of the demo's two sessions in each round.

use std::time::Duration;

use serde_json::{Value, json};
use tracing::info;

use crate::{Failure, agents::llm_processor::Faults};

use super::client::Client;

/// The questions, repeated in order.
const QUESTIONS: [&str; 8] = [
    "What is a histogram bucket and why are averages misleading?",
    "push vs pull",
    "How does an MCP client cancel a tool call?",
    "What are counters, gauges and histograms?",
    "Why does high cardinality hurt Prometheus?",
    "What is the difference between a retry and a timeout?",
    "What is observability?",
    "How should an agent cite its sources and who checks them?",
];
/// Number of rounds between two outages of the language model; the first round has one.
const OUTAGE_EVERY: usize = 10;

/// A session, and the faults that its calls may cause.
pub(super) struct Session<'a> {
    /// The client of the session.
    pub(super) client: &'a Client,
    /// The simulated faults of the local model, if it is used.
    pub(super) faults: Option<&'a Faults>,
}

/// Makes calls that mostly succeed: questions, repeated questions, scripts and citations.
pub(super) async fn succeed(session: &Session<'_>, round: usize) -> Result<(), Failure> {
    let client = session.client;
    let question = QUESTIONS[round % QUESTIONS.len()];
    client
        .call("question_enhancer", json!({ "question": question }))
        .await?;
    pause().await;
    // The second of two equal calls is served from the cache.
    for _ in 0..2 {
        client
            .call("web_search", json!({ "query": question, "limit": 4 }))
            .await?;
    }
    pause().await;
    let prompt = json!({ "prompt": format!("Round {round}: {question}"), "context": CONTEXT });
    for _ in 0..2 {
        client.call("llm_processor", prompt.clone()).await?;
    }
    pause().await;
    let script = "let sum = 0; for n in 1..=limit { sum += n * n; } sum";
    let inputs = json!({ "limit": 1_000 * (round % 50 + 1) });
    client
        .call("code_runner", json!({ "script": script, "inputs": inputs }))
        .await?;
    let style = ["apa", "mla", "chicago", "bibtex"][round % 4];
    client
        .call(
            "citation_formatter",
            json!({ "sources": sources(), "style": style }),
        )
        .await?;
    pause().await;
    client
        .call("orchestrator", json!({ "question": question }))
        .await?;
    client.call("hub_status", json!({})).await?;
    pause().await;
    Ok(())
}

/// Makes calls that fail: invalid arguments, invalid scripts, outages and cancellations.
pub(super) async fn fail(session: &Session<'_>, round: usize) -> Result<(), Failure> {
    let client = session.client;
    if round.is_multiple_of(OUTAGE_EVERY) {
        outage(session, round).await?;
    }
    let (tool, arguments) = failing_call(round);
    client.call(tool, arguments).await?;
    pause().await;
    let timeout = Duration::from_millis(fastrand::u64(150..600));
    client
        .call_and_cancel("code_runner", json!({ "script": "sleep(20_000)" }), timeout)
        .await?;
    pause().await;
    let script = "let n = 0; loop { n += 1; if n % 1000 == 0 { sleep(1); } }";
    client
        .call(
            "code_runner",
            json!({ "script": script, "timeout_ms": 400 }),
        )
        .await?;
    pause().await;
    Ok(())
}

/// Calls the language model during an outage: every attempt fails, and the retries are exhausted.
async fn outage(session: &Session<'_>, round: usize) -> Result<(), Failure> {
    let Some(faults) = session.faults else {
        return Ok(());
    };
    info!("demo: simulated outage of the language model started");
    let _restored = Outage {
        faults,
        before: faults.rate(),
    };
    faults.set_rate(1.0);
    let prompt = json!({ "prompt": format!("Outage {round}: does the model respond?") });
    session.client.call("llm_processor", prompt).await
}

/// A guard that restores the share of failing calls when dropped.
struct Outage<'a> {
    /// The simulated faults.
    faults: &'a Faults,
    /// The share before the outage.
    before: f64,
}

impl Drop for Outage<'_> {
    fn drop(&mut self) {
        self.faults.set_rate(self.before);
    }
}

/// Returns a call that fails, a different one in each round.
fn failing_call(round: usize) -> (&'static str, Value) {
    match round % 9 {
        0 => ("code_runner", json!({ "script": "let x = ;" })),
        1 => ("web_search", json!({ "query": "of the" })),
        2 => (
            "citation_formatter",
            json!({ "sources": [{ "title": " " }] }),
        ),
        3 => (
            "code_runner",
            json!({ "script": "let s = \"x\"; loop { s += s; }" }),
        ),
        4 => ("question_enhancer", json!({ "question": "" })),
        5 => ("orchestrator", json!({ "question": "Zxqv wvut qqrst?" })),
        6 => ("code_runner", json!({ "script": "1 / 0" })),
        7 => ("llm_processor", json!({ "prompt": "" })),
        _ => ("citation_formatter", json!({ "sources": [] })),
    }
}

/// Waits for a short random time between two calls.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(50..250))).await;
}

/// Returns sources to cite.
fn sources() -> Value {
    json!([
        {
            "title": "On Computable Numbers, with an Application to the Entscheidungsproblem",
            "authors": ["Alan Mathison Turing"],
            "year": 1937,
            "publisher": "Proceedings of the London Mathematical Society",
        },
        { "title": "Metric types", "publisher": "Prometheus", "url": "https://prometheus.io/docs" },
    ])
}

/// The context for prompts.
const CONTEXT: &str = include_str!("../documents/observability.md");
