//! A client of language models, with the metrics of its calls: durations, failures, tokens and the
//! time to the first chunk of a streamed reply. A mock of an OpenAI-compatible server in the same
//! process replies over HTTP, so the program needs neither a key nor a network.
//!
//! ```text
//! cargo run --bin llm_client              # optional argument: METRICS_ADDRESS
//! curl http://127.0.0.1:9464/metrics
//! ```

mod client;
mod error;
mod mock_server;
#[cfg(test)]
mod tests;
mod wire;

use std::{
    env,
    error::Error,
    io::{self, Write as _},
    net::SocketAddr,
    pin::pin,
    time::Duration,
};

use futures_util::StreamExt as _;
use mcp_metrics::Exporter;
use tokio::signal;

use self::{client::OpenAi, error::LlmError};

/// The model of the conversation, and a value of the label `model`.
const MODEL: &str = "gpt-4o-mini";
/// The model of the embedding.
const EMBEDDING_MODEL: &str = "text-embedding-3-small";
/// The interval between the chunks of the mock server.
const CHUNK_INTERVAL: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let address = env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:9464");
    let exporter = Exporter::builder()
        .app("llm_client", env!("CARGO_PKG_VERSION"))
        .listen(address.parse::<SocketAddr>()?)
        .install()?;

    let server = mock_server::start(CHUNK_INTERVAL)?;
    let client = OpenAi::new(&format!("http://{server}/v1"), mock_server::KEY)?;
    converse(&client).await;

    println!("\nThe metrics of these calls, without buckets:\n");
    for line in exporter.render().lines().filter(|line| is_of_calls(line)) {
        println!("{line}");
    }
    if let Some(address) = exporter.local_addr() {
        tracing::info!("metrics at http://{address}/metrics");
    }
    stop_signal().await?;
    exporter.shutdown();
    Ok(())
}

/// Calls the API in each way, and so that calls end in each way. The mock server fails if a prompt
/// ends with the name of a fault.
async fn converse(client: &OpenAi) {
    for prompt in [
        "Why is the sky blue?",
        "Are you busy? [429]",
        "Will the connection break? [disconnect]",
    ] {
        println!("> {prompt}");
        report(print_stream(client, prompt, usize::MAX).await);
    }

    println!("> Tell me a long story. (dropped after 5 chunks)");
    report(print_stream(client, "Tell me a long story.", 5).await);

    println!("> Answer at once.");
    let reply = client.complete(MODEL, "Answer at once.").await;
    report(reply.map(|reply| print!("{}", reply.text)));

    println!("> Embed this.");
    let embedding = client.embed(EMBEDDING_MODEL, "Embed this.").await;
    report(embedding.map(|embedding| print!("{embedding:?}")));
}

/// Prints the chunks of a reply as they arrive, at most `limit`. Returning drops the stream, which
/// closes the connection; if the reply is incomplete, the call counts as cancelled.
async fn print_stream(client: &OpenAi, prompt: &str, limit: usize) -> Result<(), LlmError> {
    let mut chunks = pin!(client.stream(MODEL, prompt).await?.take(limit));
    while let Some(chunk) = chunks.next().await {
        print!("{}", chunk?.text);
        // An error means that the output is closed, which ends no call.
        let _ = io::stdout().flush();
    }
    Ok(())
}

/// Ends the line of a reply, with the error of a failed one.
fn report(result: Result<(), LlmError>) {
    match result {
        Ok(()) => println!(),
        Err(error) => println!(" (failed: {error})"),
    }
}

/// Returns whether a line of the scrape is a sample of LLM calls, apart from buckets.
fn is_of_calls(line: &str) -> bool {
    let of_calls = line.starts_with("gen_ai_") || line.starts_with("mcp_hub_llm_");
    of_calls && !line.contains("_bucket{")
}

/// Waits for Ctrl-C or, on Unix, SIGTERM, which container runtimes send.
async fn stop_signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}
