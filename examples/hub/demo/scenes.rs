//! What the demo's two users do in each round.

use std::time::Duration;

use serde_json::{Value, json};
use tracing::info;

use crate::{Failure, agents::llm_processor::Faults};

use super::client::Client;

/// What the users ask, one after the other; each later round asks some of it again.
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
/// Every how many rounds the language model has an outage, beginning with the first.
const OUTAGE_EVERY: usize = 10;

/// What a user has at hand.
pub(super) struct Stage<'a> {
    /// A session with the hub.
    pub(super) client: &'a Client,
    /// The switch for the local model's pretended faults, if that is the model.
    pub(super) faults: Option<&'a Faults>,
}

/// A user who mostly gets what they want: questions, repeated questions, scripts and citations.
pub(super) async fn steady(stage: &Stage<'_>, round: usize) -> Result<(), Failure> {
    let client = stage.client;
    let question = QUESTIONS[round % QUESTIONS.len()];
    client
        .call("question_enhancer", json!({ "question": question }))
        .await?;
    pause().await;
    // Twice the same, so that the second comes from the cache.
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

/// A user with bad luck: wrong arguments, broken scripts, outages and no patience.
pub(super) async fn troubled(stage: &Stage<'_>, round: usize) -> Result<(), Failure> {
    let client = stage.client;
    if round.is_multiple_of(OUTAGE_EVERY) {
        outage(stage, round).await?;
    }
    let (tool, arguments) = mistake(round);
    client.call(tool, arguments).await?;
    pause().await;
    let patience = Duration::from_millis(fastrand::u64(150..600));
    client
        .give_up(
            "code_runner",
            json!({ "script": "sleep(20_000)" }),
            patience,
        )
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

/// Asks the language model while it is down: every attempt fails, and the retries are exhausted.
async fn outage(stage: &Stage<'_>, round: usize) -> Result<(), Failure> {
    let Some(faults) = stage.faults else {
        return Ok(());
    };
    info!("demo traffic: the language model pretends to be down for a moment");
    let _restored = Outage {
        faults,
        before: faults.rate(),
    };
    faults.set_rate(1.0);
    let prompt = json!({ "prompt": format!("Outage {round}: is anybody there?") });
    stage.client.call("llm_processor", prompt).await
}

/// Restores the share of failing calls, however the outage ends.
struct Outage<'a> {
    /// The switch.
    faults: &'a Faults,
    /// How it stood before.
    before: f64,
}

impl Drop for Outage<'_> {
    fn drop(&mut self) {
        self.faults.set_rate(self.before);
    }
}

/// A call that fails, each round another one.
fn mistake(round: usize) -> (&'static str, Value) {
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

/// Waits as a person would, if people were quick.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(50..250))).await;
}

/// Something to cite.
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

/// Something to summarise.
const CONTEXT: &str = include_str!("../documents/observability.md");
