//! The metrics of the client's calls.

mod concurrent;
mod recorded;

use std::{pin::pin, time::Duration};

use futures_util::{Stream, StreamExt as _};
use mcp_metrics::{ErrorType as _, TokenUsage};
use mcp_metrics_tests::{exporter, scrape};

use crate::{
    client::{Chunk, OpenAi},
    error::LlmError,
    mock_server,
};

use self::recorded::Recorded;

/// Starts a mock server that does not pause. Returns a client of it.
fn client() -> OpenAi {
    exporter();
    let server = mock_server::start(Duration::ZERO);
    let url = format!("http://{}/v1", server.expect("a free port"));
    OpenAi::new(&url, mock_server::KEY).expect("a client")
}

/// Reads a stream to its end. Returns the chunks before the end, and the error.
async fn read(
    stream: impl Stream<Item = Result<Chunk, LlmError>>,
) -> (Vec<Chunk>, Option<LlmError>) {
    let mut stream = pin!(stream);
    let (mut chunks, mut failed) = (Vec::new(), None);
    while let Some(item) = stream.next().await {
        assert!(failed.is_none(), "an item after {failed:?}: {item:?}");
        match item {
            Ok(chunk) => chunks.push(chunk),
            Err(error) => failed = Some(error),
        }
    }
    (chunks, failed)
}

/// Joins the texts of chunks.
fn text(chunks: &[Chunk]) -> String {
    chunks.iter().map(|chunk| chunk.text.as_str()).collect()
}

#[tokio::test]
async fn streamed_reply_has_a_first_chunk_and_tokens() {
    let client = client();
    let stream = client.stream("streamed", "Wörter zählen 🦀").await;
    let (chunks, failed) = read(stream.expect("a stream")).await;
    assert!(failed.is_none(), "{failed:?}");
    assert_eq!(text(&chunks), "You asked: Wörter zählen 🦀");
    let usage = TokenUsage {
        input: 3,
        output: 5,
    };
    assert_eq!(chunks.last().and_then(|chunk| chunk.usage), Some(usage));
    let expected = Recorded::of(1, &[("", 1)])
        .with_first_chunks(&[("", 1)])
        .with_tokens(3, 5);
    assert_eq!(Recorded::read(&scrape(), "streamed"), expected);
}

#[tokio::test]
async fn failures_in_a_stream_are_measured_with_the_first_chunk() {
    let client = client();
    for (fault, error_type) in [
        ("disconnect", "Disconnected"),
        ("error", "Aborted"),
        ("garbage", "BadReply"),
        ("truncate", "Truncated"),
    ] {
        let prompt = format!("One two [{fault}]");
        let stream = client.stream(fault, &prompt).await.expect("a stream");
        let (chunks, failed) = read(stream).await;
        let failed = failed.expect("an error").error_type();
        assert_eq!(
            (text(&chunks).as_str(), &*failed),
            ("You asked: ", error_type)
        );
        let expected = Recorded::of(1, &[(error_type, 1)]).with_first_chunks(&[(error_type, 1)]);
        assert_eq!(Recorded::read(&scrape(), fault), expected);
    }
}

#[tokio::test]
async fn error_responses_are_measured_without_a_first_chunk() {
    let client = client();
    let prompts = ["A [429]", "B [500]", "C [503]", "D [404]", "E [403]"];
    for prompt in prompts {
        assert!(client.stream("refused", prompt).await.is_err(), "{prompt}");
        assert!(client.complete("refused", prompt).await.is_err());
    }
    let ended = [
        ("RateLimited", 2),
        ("Rejected", 2),
        ("Unauthorized", 2),
        ("Unavailable", 4),
    ];
    let expected = Recorded::of(10, &ended);
    assert_eq!(Recorded::read(&scrape(), "refused"), expected);
}

#[tokio::test]
async fn wrong_key_and_missing_server_are_failures() {
    exporter();
    let server = mock_server::start(Duration::ZERO);
    let url = format!("http://{}/v1", server.expect("a free port"));
    let stranger = OpenAi::new(&url, "wrong-key").expect("a client");
    let error = stranger.complete("unreachable", "Hi").await;
    let error = error.expect_err("the key is wrong").to_string();
    assert_eq!(error, "the API key was rejected: Unauthorized");

    // The port of a listener that was closed.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let url = format!("http://{address}/v1");
    let lost = OpenAi::new(&url, mock_server::KEY).expect("a client");
    assert!(lost.stream("unreachable", "Hi").await.is_err());

    let expected = Recorded::of(2, &[("Connection", 1), ("Unauthorized", 1)]);
    assert_eq!(Recorded::read(&scrape(), "unreachable"), expected);
}

#[tokio::test]
async fn complete_reply_has_tokens_and_no_first_chunk() {
    let client = client();
    let reply = client.complete("complete", "Two words").await;
    let reply = reply.expect("a reply");
    let usage = TokenUsage {
        input: 2,
        output: 4,
    };
    assert_eq!(
        (&*reply.text, reply.usage),
        ("You asked: Two words", Some(usage))
    );
    let expected = Recorded::of(1, &[("", 1)]).with_tokens(2, 4);
    assert_eq!(Recorded::read(&scrape(), "complete"), expected);
}

#[tokio::test]
async fn incomplete_and_invalid_replies_are_distinct_failures() {
    let client = client();
    for prompt in ["Stop [disconnect]", "Stop [garbage]"] {
        assert!(client.complete("incomplete", prompt).await.is_err());
    }
    let expected = Recorded::of(2, &[("BadReply", 1), ("Disconnected", 1)]);
    assert_eq!(Recorded::read(&scrape(), "incomplete"), expected);
}

#[tokio::test]
async fn embedding_is_another_operation_without_output_tokens() {
    let client = client();
    let embedding = client.embed("embedding", "Three short words").await;
    assert_eq!(embedding.expect("an embedding"), [0.25, -0.5, 0.125]);
    assert!(client.embed("embedding", "Busy [429]").await.is_err());
    let scrape = scrape();
    let expected = Recorded::of(2, &[("", 1), ("RateLimited", 1)]).with_tokens(3, 0);
    assert_eq!(Recorded::read(&scrape, "embedding"), expected);
    let operation = [
        ("gen_ai_operation_name", "embeddings"),
        ("gen_ai_request_model", "embedding"),
    ];
    let name = "gen_ai_client_operation_duration_seconds_count";
    assert_eq!(scrape.sum(name, &operation), 2.0);
}

#[tokio::test]
async fn call_that_is_dropped_before_its_stream_is_cancelled() {
    let client = client();
    let unread = client.stream("unread", "Hello").await;
    drop(unread.expect("a stream"));
    let expected = Recorded::of(1, &[("cancelled", 1)]);
    assert_eq!(Recorded::read(&scrape(), "unread"), expected);
}
